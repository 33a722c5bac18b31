// Visits the playground as a person does, and prints as JSON what was seen: node visit.mjs URL PROFILE PICTURES CHROMIUM
import { chromium } from "playwright-core";

const [url, profile, pictures, executablePath] = process.argv.slice(2);
const seen = { requests: [], addresses: [], complaints: [], channels: {} };

const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  chromiumSandbox: process.getuid() !== 0, // it refuses to run as root
  args: ["--disable-gpu", "--disable-quic", "--disable-sync"],
  viewport: { width: 1280, height: 800 },
});
context.on("request", (request) => seen.requests.push(request.url()));
await context.exposeFunction("complain", (text) => seen.complaints.push(text));
await context.addInitScript(() => {
  addEventListener("securitypolicyviolation", (event) => complain(`${event.violatedDirective}: ${event.blockedURI}`));
});
const page = context.pages()[0];
page.on("pageerror", (error) => seen.complaints.push(error.message));
page.on("dialog", (dialog) => seen.complaints.push(dialog.message()));
page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.complaints.push(message.text()));
page.on("framenavigated", (frame) => seen.addresses.push(frame.url()));

const text = (editor) => page.evaluate((found) => document.querySelector(`${found} .CodeMirror`).CodeMirror.getValue(), editor);
const answer = () => text(".graphiql-response");
const variables = () => text(".graphiql-editor-tool > :nth-child(1)");
const headers = () => text(".graphiql-editor-tool > :nth-child(2)");
const tabs = page.locator(".graphiql-tab-button");
const picture = (name) => page.screenshot({ path: `${pictures}/${name}.png` });

async function ready() {
  await page.waitForSelector(".graphiql-query-editor .cm-def"); // highlighted
  await page.waitForSelector(".graphiql-sidebar button[aria-label='Re-fetch GraphQL schema']:enabled");
}

async function run() {
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await page.click(".graphiql-execute-button");
  await answered;
  await page.waitForFunction(() => document.querySelector(".graphiql-response .CodeMirror").CodeMirror.getValue());
}

/** Press Run in all tabs in order; type nothing. */
async function runAll(channel) {
  const found = { title: await page.title(), before: await page.textContent(".who"), tabs: {} };
  for (let index = 0; index < await tabs.count(); index++) {
    if (index) await page.click(".status button");
    await run();
    // GraphiQL writes into tabs, and would write into storage, some time after a change.
    await page.waitForTimeout(700);
    const name = await page.textContent(".graphiql-tab-active .graphiql-tab-button");
    found.tabs[name] = {
      answer: JSON.parse(await answer()),
      variables: await variables(),
      headers: await headers(),
      status: await page.textContent(".status"),
      who: await page.textContent(".who"),
      inSight: await page.evaluate(() => document.querySelector(".graphiql-tab-active").getBoundingClientRect().right <= innerWidth),
    };
    await picture(`${channel}-${name}`);
  }
  seen.channels[channel] = found;
}

/** Copy the token out of the newest mail that has a link, as a person does. */
async function mailedToken(channel) {
  const mailbox = await context.newPage();
  const link = mailbox.locator("a[href*='token=']");
  await mailbox.goto(`${url}/${channel}/mailbox`);
  await mailbox.waitForSelector("text=Neues Passwort", { timeout: 20000 }); // the page renews itself
  await mailbox.screenshot({ path: `${pictures}/mailbox.png` });
  await mailbox.click("text=Neues Passwort");
  const token = new URL(await link.getAttribute("href")).searchParams.get("token");
  await mailbox.screenshot({ path: `${pictures}/mail.png`, fullPage: true });
  await mailbox.close();
  return token;
}

/** Write the token between the quotes of a tab's variables, and run it. */
async function runWith(token, name) {
  await page.click(`.graphiql-tab-button >> text=/^${name}$/`);
  await page.waitForTimeout(300);
  await page.evaluate((text) => {
    const editor = document.querySelector(".graphiql-editor-tool > :nth-child(1) .CodeMirror").CodeMirror;
    editor.setValue(editor.getValue().replace('"token": ""', `"token": "${text}"`));
  }, token);
  await page.waitForTimeout(300);
  await run();
  await page.waitForTimeout(700);
  await picture(`reset-${name}`);
  return JSON.parse(await answer());
}

await page.goto(`${url}/`);
await ready();
seen.landed = page.url();
await picture("opening");
await runAll("paloma");

// What is only loaded or inserted when it is opened.
await page.click("[aria-label='Show Documentation Explorer']");
await page.click(".graphiql-doc-explorer a >> text=/^Query$/");
seen.documentation = await page.textContent(".graphiql-doc-explorer");
await picture("documentation");
await page.click("[aria-label='Show History']");
seen.history = await page.locator(".graphiql-history-item").count();
await picture("history");
await page.click("[aria-label='Hide History']");

// The password is forgotten; the mail has a token. Whoever has it signs in.
const token = await mailedToken("paloma");
seen.reset = { token, worth: await runWith(token, "ResetToken") };
seen.reset.finished = await runWith(token, "FinishReset");
seen.reset.who = await page.textContent(".who");

await page.click("[aria-label='Open short keys dialog']");
await page.keyboard.press("Escape");
await page.click("[aria-label='Open settings dialog']");
await page.click("text=Dark");
await picture("settings");
await page.keyboard.press("Escape");
await tabs.nth(1).click();
await page.waitForTimeout(300);
await picture("dark");

// Completion knows the schema.
await page.click(".graphiql-query-editor .CodeMirror-line >> text=customerNumber");
await page.keyboard.press("End");
await page.keyboard.press("Enter");
await page.keyboard.press("Control+Space");
await page.waitForSelector(".CodeMirror-hints");
seen.completion = await page.locator(".CodeMirror-hint").allTextContents();
await picture("completion");
await page.keyboard.press("Escape");

// A header that a person has edited stays so.
await page.click("[data-name=headers]");
await page.click(".graphiql-editor-tool > :nth-child(2) .CodeMirror-lines");
await page.keyboard.press("Control+A");
await page.keyboard.press("Delete");
await page.keyboard.type("{}");
await page.waitForTimeout(300);
await tabs.nth(2).click();
seen.untouched = await headers();
await tabs.nth(1).click();
await page.waitForTimeout(300);
seen.edited = await headers();
await page.click("[aria-label='Add tab']");
await page.waitForTimeout(300);
seen.added = await headers();
await picture("headers");
await page.waitForTimeout(700);

seen.stored = await page.evaluate(async () => ({
  localStorage: { ...localStorage },
  sessionStorage: { ...sessionStorage },
  cookies: document.cookie,
  databases: await indexedDB.databases(),
  caches: await caches.keys(),
  state: history.state,
}));
seen.cookies = await context.cookies();

await page.click(".bar >> text=Forget");
await page.waitForSelector(".invitation");
await page.waitForTimeout(300);
seen.forgotten = { who: await page.textContent(".who"), texts: [] };
for (let index = 0; index < await tabs.count(); index++) {
  await tabs.nth(index).click();
  await page.waitForTimeout(300);
  seen.forgotten.texts.push(await headers(), await answer());
}
await page.click("[aria-label='Show History']");
seen.forgotten.history = await page.locator(".graphiql-history-item").count();
await picture("forgotten");

await Promise.all([page.waitForURL("**/northwind/graphql"), page.click(".bar nav >> text=northwind")]);
await ready();
await runAll("northwind");

// Markup in an address. That the page is not there is a complaint of the browser's own.
const complaints = seen.complaints.length;
seen.hostile = {};
const MARKUP = "<img src=x onerror=alert(1)>";
for (const path of [`/${encodeURIComponent(MARKUP)}/graphql`, `/paloma/graphql?x=${MARKUP}&variables=${MARKUP}#${MARKUP}`]) {
  await page.goto(url + path);
  await page.waitForTimeout(1000);
  seen.hostile[path] = await page.evaluate(() => document.querySelectorAll("img, script:not([src])").length);
  await picture(`hostile-${Object.keys(seen.hostile).length}`);
}
seen.complaints = seen.complaints.filter((text, at) => at < complaints || !text.includes("status of 404"));

await context.close();
console.log(JSON.stringify(seen));
