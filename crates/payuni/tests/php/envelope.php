<?php
// The envelope as PAYUNi's documentation (page 29) computes it, by PHP's own OpenSSL. One JSON request a line, one answer a line.
while (($line = fgets(STDIN)) !== false) {
    $ask = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    [$key, $iv] = [$ask['key'], $ask['iv']];
    if ($ask['op'] === 'seal') {
        $text = http_build_query(array_column($ask['fields'], 1, 0));
        $tag = '';
        $cipher = openssl_encrypt($text, 'aes-256-gcm', $key, 0, $iv, $tag, '', 16);
        $sealed = bin2hex($cipher . ':::' . base64_encode($tag));
        $out = ['EncryptInfo' => $sealed, 'HashInfo' => strtoupper(hash('sha256', $key . $sealed . $iv))];
    } else {
        $sealed = $ask['EncryptInfo'];
        $hashed = strtoupper(hash('sha256', $key . $sealed . $iv)) === $ask['HashInfo'];
        [$cipher, $tag] = explode(':::', hex2bin($sealed), 2);
        $text = openssl_decrypt($cipher, 'aes-256-gcm', $key, 0, $iv, base64_decode($tag, true));
        $fields = [];
        foreach ($text === '' ? [] : explode('&', $text) as $pair) {
            [$name, $value] = explode('=', $pair, 2);
            $fields[] = [urldecode($name), urldecode($value)];
        }
        $out = ['hashed' => $hashed, 'opened' => $text !== false, 'fields' => $fields];
    }
    echo json_encode($out, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE), "\n";
}
