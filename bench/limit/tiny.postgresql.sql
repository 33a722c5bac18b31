-- $1 the hash of the token, $2 the channel, $3 now
SELECT (
  SELECT '{"data":{"customer":{"customerNumber":' || to_json(c.customer_number)::text || '}}}'
  FROM sessions s JOIN users u ON u.id = s.user_id JOIN customers c ON c.id = u.customer_id
  WHERE s.token_sha256 = $1 AND s.channel_id = $2 AND s.expires_at > $3 AND u.channel_id = $2 AND u.enabled
)
