// The home of graphql-http's audits: runs them against a URL; prints what each found, and every response, as JSON.
import { auditServer } from "graphql-http";

const responses = [];

async function fetchFn(...request) {
  const response = await fetch(...request);
  const body = await response.clone().text();
  responses.push({ status: response.status, contentType: response.headers.get("content-type"), body });
  return response;
}

const results = await auditServer({ url: process.argv[2], fetchFn });
const audits = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
process.stdout.write(JSON.stringify({ audits, responses }));
