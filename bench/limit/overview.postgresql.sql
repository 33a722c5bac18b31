-- $1 the hash of the token, $2 the channel, $3 now, $4 the number of orders, $5 today
WITH me AS MATERIALIZED (
  SELECT u.id AS user_id, u.customer_id,
    bool_or(g.permission = 'ORDERS_READ') AS all_orders,
    bool_or(g.permission = 'ORDERS_READ_OWN') AS own_orders,
    bool_or(g.permission = 'PAYMENT_INSTRUMENTS_READ') AS cards
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  LEFT JOIN user_roles h ON h.user_id = u.id
  LEFT JOIN role_permissions g ON g.role_id = h.role_id
  WHERE s.token_sha256 = $1 AND s.channel_id = $2 AND s.expires_at > $3 AND u.channel_id = $2 AND u.enabled
  GROUP BY u.id, u.customer_id
)
SELECT (SELECT '{"data":{"customer":{"id":"' || c.id
  || '","customerNumber":' || to_json(c.customer_number)::text
  || ',"emailAddress":' || coalesce(to_json(c.email_address)::text, 'null')
  || ',"firstName":' || coalesce(to_json(c.first_name)::text, 'null')
  || ',"lastName":' || coalesce(to_json(c.last_name)::text, 'null')
  || ',"company":' || coalesce(to_json(c.company)::text, 'null')
  || ',"locale":' || to_json(c.locale)::text
  || ',"addresses":[' || coalesce((SELECT string_agg(
      '{"id":"' || a.id || '","type":"' || a.type
      || '","isDefault":' || CASE WHEN a.is_default THEN 'true' ELSE 'false' END
      || ',"firstName":' || coalesce(to_json(a.first_name)::text, 'null')
      || ',"lastName":' || coalesce(to_json(a.last_name)::text, 'null')
      || ',"company":' || coalesce(to_json(a.company)::text, 'null')
      || ',"street":' || to_json(a.street)::text
      || ',"zipCode":' || coalesce(to_json(a.zip_code)::text, 'null')
      || ',"city":' || to_json(a.city)::text
      || ',"country":' || to_json(a.country)::text || '}', ',')
    FROM (SELECT * FROM addresses WHERE customer_id = me.customer_id ORDER BY created_at, id) a), '')
  || '],"billing":' || coalesce((
    SELECT '{"id":"' || a.id || '","street":' || to_json(a.street)::text || ',"city":' || to_json(a.city)::text || '}'
    FROM addresses a WHERE a.customer_id = me.customer_id AND a.type = 'BILLING' AND a.is_default), 'null')
  || ',"orders":{"totalCount":' || (SELECT count(*) FROM orders o
    WHERE o.customer_id = me.customer_id AND (me.all_orders OR me.own_orders AND o.user_id = me.user_id))
  || (SELECT ',"pageInfo":{"hasNextPage":' || CASE WHEN count(*) > $4 THEN 'true' ELSE 'false' END
      || ',"endCursor":' || coalesce(to_json(max(CASE WHEN at = least($4, rows) THEN
        'ORDER_DATE:DESC:' || replace((order_date AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z:' || id END))::text, 'null')
      || '},"nodes":[' || coalesce(string_agg(CASE WHEN at <= $4 THEN
        '{"id":"' || o.id
        || '","orderNumber":' || to_json(o.order_number)::text
        || ',"orderDate":"' || replace((o.order_date AT TIME ZONE 'UTC')::text, ' ', 'T')
        || 'Z","status":"' || o.status
        || '","total":{"amount":"' || round(o.total * 0.0001, 2)
        || '","currency":' || to_json(o.currency)::text
        || '},"items":[' || coalesce((SELECT string_agg(
            '{"position":' || i.position
            || ',"sku":' || to_json(i.sku)::text
            || ',"name":' || to_json(i.name)::text
            || ',"quantity":' || CASE WHEN i.quantity % 1000 = 0 THEN (i.quantity / 1000)::text ELSE trim_scale(i.quantity * 0.001)::text END
            || ',"unitPrice":{"amount":"' || round(i.unit_price * 0.0001, 2)
            || '","currency":' || to_json(i.currency)::text
            || '},"linePrice":{"amount":"' || round(i.line_price * 0.0001, 2)
            || '","currency":' || to_json(i.currency)::text || '}}', ',')
          FROM (SELECT * FROM order_items WHERE order_id = o.id ORDER BY position) i), '')
        || ']}' END, ','), '') || ']}'
    FROM (SELECT *, row_number() OVER (ORDER BY order_date DESC, id DESC) AS at, count(*) OVER () AS rows
      FROM (SELECT * FROM orders
        WHERE customer_id = me.customer_id AND (me.all_orders OR me.own_orders AND user_id = me.user_id)
        ORDER BY order_date DESC, id DESC LIMIT $4::integer + 1) found
      ORDER BY order_date DESC, id DESC) o)
  || ',"paymentInstruments":[' || coalesce((SELECT string_agg(
      '{"id":"' || p.id || '","type":' || to_json(p.type)::text
      || ',"maskedCardNumber":' || coalesce(to_json(p.masked_card_number)::text, 'null')
      || ',"expirationMonth":' || coalesce(to_json(p.expiration_month)::text, 'null')
      || ',"expirationYear":' || coalesce(to_json(p.expiration_year)::text, 'null')
      || ',"expired":' || CASE WHEN p.expires_on < $5::date THEN 'true' ELSE 'false' END || '}', ',')
    FROM (SELECT * FROM payment_instruments WHERE customer_id = me.customer_id AND me.cards ORDER BY id) p), '')
  || ']}}}'
FROM me JOIN customers c ON c.id = me.customer_id)
