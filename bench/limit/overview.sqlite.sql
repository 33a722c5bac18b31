-- ?1 the hash of the token, ?2 the channel, ?3 now, ?4 the number of orders, ?5 today
WITH me AS MATERIALIZED (
  SELECT u.id AS user_id, u.customer_id,
    max(g.permission = 'ORDERS_READ') AS all_orders,
    max(g.permission = 'ORDERS_READ_OWN') AS own_orders,
    max(g.permission = 'PAYMENT_INSTRUMENTS_READ') AS cards
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  LEFT JOIN user_roles h ON h.user_id = u.id
  LEFT JOIN role_permissions g ON g.role_id = h.role_id
  WHERE s.token_sha256 = ?1 AND s.channel_id = ?2 AND s.expires_at > ?3 AND u.channel_id = ?2 AND u.enabled
  GROUP BY u.id, u.customer_id
)
SELECT (SELECT '{"data":{"customer":{"id":"' || c.id
  || '","customerNumber":' || json_quote(c.customer_number)
  || ',"emailAddress":' || coalesce(json_quote(c.email_address), 'null')
  || ',"firstName":' || coalesce(json_quote(c.first_name), 'null')
  || ',"lastName":' || coalesce(json_quote(c.last_name), 'null')
  || ',"company":' || coalesce(json_quote(c.company), 'null')
  || ',"locale":' || json_quote(c.locale)
  || ',"addresses":[' || coalesce((SELECT group_concat(
      '{"id":"' || a.id || '","type":"' || a.type
      || '","isDefault":' || CASE WHEN a.is_default THEN 'true' ELSE 'false' END
      || ',"firstName":' || coalesce(json_quote(a.first_name), 'null')
      || ',"lastName":' || coalesce(json_quote(a.last_name), 'null')
      || ',"company":' || coalesce(json_quote(a.company), 'null')
      || ',"street":' || json_quote(a.street)
      || ',"zipCode":' || coalesce(json_quote(a.zip_code), 'null')
      || ',"city":' || json_quote(a.city)
      || ',"country":' || json_quote(a.country) || '}', ',')
    FROM (SELECT * FROM addresses WHERE customer_id = me.customer_id ORDER BY created_at, id) a), '')
  || '],"billing":' || coalesce((
    SELECT '{"id":"' || a.id || '","street":' || json_quote(a.street) || ',"city":' || json_quote(a.city) || '}'
    FROM addresses a WHERE a.customer_id = me.customer_id AND a.type = 'BILLING' AND a.is_default), 'null')
  || ',"orders":{"totalCount":' || (SELECT count(*) FROM orders o
    WHERE o.customer_id = me.customer_id AND (me.all_orders OR me.own_orders AND o.user_id = me.user_id))
  || (SELECT ',"pageInfo":{"hasNextPage":' || CASE WHEN count(*) > ?4 THEN 'true' ELSE 'false' END
      || ',"endCursor":' || coalesce(json_quote(max(CASE WHEN at = min(?4, rows) THEN
        'ORDER_DATE:DESC:' || rtrim(rtrim(substr(order_date, 1, 26), '0'), '.') || 'Z:' || id END)), 'null')
      || '},"nodes":[' || coalesce(group_concat(CASE WHEN at <= ?4 THEN
        '{"id":"' || o.id
        || '","orderNumber":' || json_quote(o.order_number)
        || ',"orderDate":"' || rtrim(rtrim(substr(o.order_date, 1, 26), '0'), '.')
        || 'Z","status":"' || o.status
        || '","total":{"amount":"' || printf('%d.%02d', o.total / 10000, o.total / 100 % 100)
        || '","currency":' || json_quote(o.currency)
        || '},"items":[' || coalesce((SELECT group_concat(
            '{"position":' || i.position
            || ',"sku":' || json_quote(i.sku)
            || ',"name":' || json_quote(i.name)
            || ',"quantity":' || CASE WHEN i.quantity % 1000 = 0 THEN i.quantity / 1000 ELSE i.quantity / 1000.0 END
            || ',"unitPrice":{"amount":"' || printf('%d.%02d', i.unit_price / 10000, i.unit_price / 100 % 100)
            || '","currency":' || json_quote(i.currency)
            || '},"linePrice":{"amount":"' || printf('%d.%02d', i.line_price / 10000, i.line_price / 100 % 100)
            || '","currency":' || json_quote(i.currency) || '}}', ',')
          FROM (SELECT * FROM order_items WHERE order_id = o.id ORDER BY position) i), '')
        || ']}' END, ','), '') || ']}'
    FROM (SELECT *, row_number() OVER (ORDER BY order_date DESC, id DESC) AS at, count(*) OVER () AS rows
      FROM (SELECT * FROM orders
        WHERE customer_id = me.customer_id AND (me.all_orders OR me.own_orders AND user_id = me.user_id)
        ORDER BY order_date DESC, id DESC LIMIT ?4 + 1) found
      ORDER BY order_date DESC, id DESC) o)
  || ',"paymentInstruments":[' || coalesce((SELECT group_concat(
      '{"id":"' || p.id || '","type":' || json_quote(p.type)
      || ',"maskedCardNumber":' || coalesce(json_quote(p.masked_card_number), 'null')
      || ',"expirationMonth":' || coalesce(json_quote(p.expiration_month), 'null')
      || ',"expirationYear":' || coalesce(json_quote(p.expiration_year), 'null')
      || ',"expired":' || CASE WHEN p.expires_on < ?5 THEN 'true' ELSE 'false' END || '}', ',')
    FROM (SELECT * FROM payment_instruments WHERE customer_id = me.customer_id AND me.cards ORDER BY id) p), '')
  || ']}}}'
FROM me JOIN customers c ON c.id = me.customer_id)
