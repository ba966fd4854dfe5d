# A customer on Perl's Net::SMPP, for the peer tests: binds a transmitter and a receiver, sends what it knows to send,
# waits for the receipts and a message from a handset, and unbinds. Arguments: the port, system_id and password. It prints one JSON value on each line.
use strict;
use warnings;
use Encode qw(encode);
use JSON::PP;
use Net::SMPP;

$| = 1;
my ($port, $system_id, $password) = @ARGV;
my $json = JSON::PP->new->ascii->canonical;
sub say_ { print $json->encode({@_}), "\n" }

my %login = (port => $port, system_id => $system_id, password => $password);
sub bound {
    my ($smpp, $resp) = @_;
    say_(command => 'bind', status => $resp ? $resp->status + 0 : -1);
    exit 1 if !$resp || $resp->status;
    return $smpp;
}
my $sender   = bound(Net::SMPP->new_transmitter('127.0.0.1', %login));
my $receiver = bound(Net::SMPP->new_receiver('127.0.0.1', %login));

my %from = (source_addr_ton => 5, source_addr_npi => 0, source_addr => 'MyCompany');
my %open;

sub send_ {
    my ($n, %fields) = @_;
    my $resp = $sender->submit_sm(
        %from, dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => "3934012345$n",
        registered_delivery => 1, %fields);
    die 'no answer' unless $resp;
    say_(command => 'submit_sm_resp', status => $resp->status + 0, message_id => $resp->{message_id});
    $open{ $resp->{message_id} } = 1 if !$resp->status && !exists $fields{registered_delivery};
    return $resp->{message_id};
}

send_(20, short_message => encode('gsm0338', "Ciao \x{20ac} @ {}"));
send_(21, short_message => encode('UTF-16BE', "\x{43f}\x{440}\x{438}\x{432}\x{435}\x{442} \x{1f600}"), data_coding => 8);
send_(22, short_message => 'a' x 153, sar_msg_ref_num => "\0\x2a", sar_total_segments => "\2", sar_segment_seqnum => "\1");
send_(22, short_message => 'the end', sar_msg_ref_num => "\0\x2a", sar_total_segments => "\2", sar_segment_seqnum => "\2");
send_(23, short_message => '', message_payload => 'p' x 170);
send_(24, short_message => "\x05\x00\x01", data_coding => 4);

my $absolute = join('', map { sprintf '%02d', $_ } do { my @t = gmtime(time + 7200); ($t[5] % 100, $t[4] + 1, @t[3, 2, 1, 0]) }) . '000+';
my $held = send_(25, short_message => 'later', registered_delivery => 0, schedule_delivery_time => $absolute, validity_period => '000002000000000R');
for my $call (
    ['query_sm', message_id => $held],
    ['replace_sm', message_id => $held, schedule_delivery_time => $absolute, short_message => 'later, otherwise'],
    ['cancel_sm', message_id => $held, dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => '393401234525'],
    ['query_sm', message_id => $held],
) {
    my ($method, @fields) = @$call;
    my $resp = $sender->$method(%from, @fields) or die 'no answer';
    say_(command => "${method}_resp", status => $resp->status + 0, message_id => $resp->{message_id}, state => $resp->{message_state});
}
my $multi = $sender->submit_multi(%from, dest_flag => [1, 1], dest_addr_ton => [1, 1], dest_addr_npi => [1, 1],
    destination_addr => ['393401234526', '393401234527'], short_message => 'to both');
say_(command => 'submit_multi_resp', status => $multi ? $multi->status + 0 : -1, message_id => $multi->{message_id});
my $data = $sender->data_sm(%from, dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => '393401234528', message_payload => 'by data_sm');
say_(command => 'data_sm_resp', status => $data ? $data->status + 0 : -1, message_id => $data->{message_id});
send_(29, short_message => 'x', destination_addr => 'nobody');
say_(command => 'enquire_link_resp', status => $sender->enquire_link->status + 0);

my $heard = 0;    # messages from handsets
while (%open || !$heard) {
    my $pdu = $receiver->read_pdu or die 'the receiver ended';
    my $command = Net::SMPP::pdu_tab->{ $pdu->{cmd} }{cmd} or die "command $pdu->{cmd}";
    if ($command eq 'enquire_link') { $receiver->enquire_link_resp(seq => $pdu->{seq}); next }
    die $command unless $command eq 'deliver_sm';
    $receiver->deliver_sm_resp(seq => $pdu->{seq}, message_id => '');
    (my $id = $pdu->{receipted_message_id} // '') =~ s/\0$//;
    $heard++ unless $pdu->{esm_class} & 4;
    say_(command => $command, esm_class => $pdu->{esm_class} + 0, source => $pdu->{source_addr}, destination => $pdu->{destination_addr},
        text => $pdu->{short_message}, message_id => $id, state => ord($pdu->{message_state} // "\0"));
    delete $open{$id};
}
say_(command => 'unbind_resp', status => $_->unbind->status + 0) for $receiver, $sender;
