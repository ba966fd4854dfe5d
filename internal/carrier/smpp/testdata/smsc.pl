# An SMSC on Perl's Net::SMPP, for the peer test. It serves one connection and prints one JSON value on each line: first
# its port, then every PDU that it got. Texts are read by Perl's Encode.
use strict;
use warnings;
use Encode qw(decode);
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json = JSON::PP->new->ascii->canonical;
sub say_ { print $json->encode({@_}), "\n" }

my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "listen: $!";
say_(port => $listener->sockport + 0);
my $smpp = $listener->accept or die "accept: $!";
$smpp->set_version(0x34);

my $last = 0;
my $own  = 1000;    # sequence numbers of what begins here

while (my $pdu = $smpp->read_pdu) {
    my $command = Net::SMPP::pdu_tab->{ $pdu->{cmd} }{cmd} or die "command $pdu->{cmd}";
    my %said = (command => $command, status => $pdu->{status} + 0);
    if ($command eq 'submit_sm') {
        $said{source}              = $pdu->{source_addr};
        $said{destination}         = $pdu->{destination_addr};
        $said{registered_delivery} = $pdu->{registered_delivery} + 0;
        $said{validity_period}     = $pdu->{validity_period};
        $said{text}                = text($pdu);
        my $id = 'perl-' . ++$last;
        $smpp->submit_sm_resp(message_id => $id, seq => $pdu->{seq});
        receipt($pdu, $id);
    }
    elsif ($command =~ /^bind/) {
        @said{qw(system_id password)} = @$pdu{qw(system_id password)};
        $smpp->bind_transceiver_resp(system_id => 'perl', sc_interface_version => "\x34", seq => $pdu->{seq});
    }
    elsif ($command eq 'enquire_link') { $smpp->enquire_link_resp(seq => $pdu->{seq}); next }
    elsif ($command eq 'unbind')       { $smpp->unbind_resp(seq => $pdu->{seq}) }
    say_(%said);
}

# text reads a message without a header; of others, and of octets, it gives the hexadecimal digits.
sub text {
    my ($pdu) = @_;
    my $octets = $pdu->{short_message};
    return unpack 'H*', $octets if $pdu->{esm_class} & 0x40;
    return decode('UTF-16BE', $octets) if ($pdu->{data_coding} & 0x0c) == 8;
    return decode('gsm0338', $octets) if ($pdu->{data_coding} & 0x0c) == 0;
    return unpack 'H*', $octets;
}

sub receipt {
    my ($pdu, $id) = @_;
    $smpp->deliver_sm(
        async             => 1,
        seq               => ++$own,
        esm_class         => 0x04,
        source_addr_ton   => $pdu->{dest_addr_ton},
        source_addr_npi   => $pdu->{dest_addr_npi},
        source_addr       => $pdu->{destination_addr},
        dest_addr_ton     => $pdu->{source_addr_ton},
        dest_addr_npi     => $pdu->{source_addr_npi},
        destination_addr  => $pdu->{source_addr},
        short_message     => "id:$id sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:000 text:",
        receipted_message_id => "$id\0",
        message_state        => "\x02",
    );
}
