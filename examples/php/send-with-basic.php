<?php
// Sends one message with username and password and waits until its status is final.
// Usage: php send-with-basic.php +393401234567 "Hello world"

function call(string $path, ?array $body = null): array
{
    $ch = curl_init(getenv("STAFFETTA_URL") . $path);
    curl_setopt_array($ch, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_USERPWD => getenv("STAFFETTA_USERNAME") . ":" . getenv("STAFFETTA_PASSWORD"),
        CURLOPT_HTTPHEADER => ["Content-Type: application/json"],
    ]);
    if ($body !== null) {
        curl_setopt_array($ch, [CURLOPT_POST => true, CURLOPT_POSTFIELDS => json_encode($body)]);
    }
    $answer = curl_exec($ch);
    $status = curl_getinfo($ch, CURLINFO_RESPONSE_CODE);
    if ($answer === false || $status >= 300) {
        fwrite(STDERR, "$status: " . ($answer === false ? curl_error($ch) : $answer) . "\n");
        exit(1);
    }
    curl_close($ch);
    return json_decode($answer, true);
}

$sent = call("/api/message-server/sms/send", [
    "destination" => $argv[1],
    "sender" => "MyCompany",
    "body" => $argv[2],
]);
echo json_encode($sent), "\n";

for ($tries = 0; $tries < 50; $tries++) {
    $status = call("/api/partner-gateway/v1/messages/status/" . $sent["messageId"] . "?channel=SMS");
    if (!in_array($status["deliveryStatus"], ["SENT", "RECEIVED"], true)) {
        break;
    }
    usleep(200_000);
}
echo json_encode($status), "\n";
