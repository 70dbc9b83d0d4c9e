-- Somebody who bought one tea, with the first version of the program: paid, confirmed by asking, delivered.
INSERT INTO members (issuer, sub, email, email_verified, name, picture, first_seen_ms, last_seen_ms)
    VALUES ('{issuer}', '107000000000000000002', 'mei@buyer.example', 1, '林小美', NULL, 1795406399982, 1795406399982);
INSERT INTO orders (order_no, issuer, sub, amount, currency, placed_at_ms, expires_at_ms, checkout_key, status, version)
    VALUES ('2611230123456789ABCDEF', '{issuer}', '107000000000000000002', 680, 'TWD', 1795406400000, 1795408200000, 'a-form-that-was-sent-long-ago', 'fulfilled', 3);
INSERT INTO order_lines (order_no, line, product_id, name, unit_price, quantity)
    VALUES ('2611230123456789ABCDEF', 1, 'tea', '高山烏龍茶', 680, 1);
INSERT INTO attempts (attempt_no, order_no, ordinal, made_at_ms, pay_key, next_ask_ms, asks, denials)
    VALUES ('2611230123456789ABCDEF', '2611230123456789ABCDEF', 1, 1795406400000, 'a-form-that-was-sent-long-ago', NULL, 1, 0);
INSERT INTO facts (n, order_no, meaning, kind, source, attempt_no, trade_no, amount, body, digest, key_id, before, after, received_at_ms)
    VALUES (1, '2611230123456789ABCDEF', 'told/2611230123456789ABCDEF/1700000000000000001/paid/680', 'paid', 'notice', '2611230123456789ABCDEF', '1700000000000000001', 680, '{"method":"card","at_ms":1795406400000,"last_four":"0001"}', NULL, NULL, 'pending', 'paid', 1795406400012);
INSERT INTO facts (n, order_no, meaning, kind, source, attempt_no, trade_no, amount, body, digest, key_id, before, after, received_at_ms)
    VALUES (2, '2611230123456789ABCDEF', 'asked/2611230123456789ABCDEF/1700000000000000001/paid/680', 'paid', 'query', '2611230123456789ABCDEF', '1700000000000000001', 680, '{"method":"card","at_ms":1795406400000,"last_four":"0001"}', NULL, NULL, 'paid', 'paid', 1795406400021);
INSERT INTO facts (n, order_no, meaning, kind, source, attempt_no, trade_no, amount, body, digest, key_id, before, after, received_at_ms)
    VALUES (3, '2611230123456789ABCDEF', 'delivered', 'delivered', 'shop', NULL, '1700000000000000001', NULL, '{}', NULL, NULL, 'paid', 'fulfilled', 1795406400030);
INSERT INTO payments (trade_no, order_no, attempt_no, amount, currency, paid_at_ms)
    VALUES ('1700000000000000001', '2611230123456789ABCDEF', '2611230123456789ABCDEF', 680, 'TWD', 1795406400012);
INSERT INTO deliveries (order_no, trade_no, delivered_at_ms)
    VALUES ('2611230123456789ABCDEF', '1700000000000000001', 1795406400030);
INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, tries, made_at_ms)
    VALUES ('deliver', '2611230123456789ABCDEF', 1, 'done', 1795406400021, 1, 1795406400021);
