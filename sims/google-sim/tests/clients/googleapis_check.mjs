// Drives the sandbox with npm's googleapis as it comes.
// Usage: node googleapis_check.mjs BASE_URL KEY_FILE SHEET_ID, with NODE_MODULES naming the folder
// where googleapis is. Prints "ok" if everything was as expected.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { google } = createRequire(join(process.env.NODE_MODULES, "x.js"))("googleapis");
const [base, keyFile, spreadsheetId] = process.argv.slice(2);
const key = JSON.parse(readFileSync(keyFile, "utf8"));
const scopes = ["https://www.googleapis.com/auth/spreadsheets"];

const post = (path, body) =>
  fetch(base + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).then((r) => r.json());

// The token endpoint is hard-coded in the library: the request is sent to the sandbox instead.
const { Gaxios } = createRequire(join(process.env.NODE_MODULES, "x.js"))("gaxios");
const transporter = new Gaxios();
transporter.interceptors.request.add({
  resolved: async (config) => {
    config.url = new URL(String(config.url).replace("https://oauth2.googleapis.com", base));
    return config;
  },
});
const exchanged = new google.auth.JWT({ email: key.client_email, key: key.private_key, scopes, transporter });
const selfSigned = new google.auth.JWT({ email: key.client_email, key: key.private_key, scopes });
selfSigned.useJWTAccessWithScope = true;

for (const auth of [exchanged, selfSigned]) {
  const sheets = google.sheets({ version: "v4", auth, rootUrl: base + "/" });
  const { values } = sheets.spreadsheets;
  const book = (await sheets.spreadsheets.get({ spreadsheetId })).data;
  assert.equal(book.sheets[0].properties.title, "工作表1");
  const title = auth === exchanged ? "Orders" : "Orders 2";
  const range = `'${title}'!A:C`;
  const added = await sheets.spreadsheets.batchUpdate({
    spreadsheetId,
    requestBody: { requests: [{ addSheet: { properties: { title, gridProperties: { rowCount: 50, columnCount: 3 } } } }] },
  });
  const { sheetId } = added.data.replies[0].addSheet.properties;
  assert.ok(sheetId > 0);
  await values.update({ spreadsheetId, range: `'${title}'!A1`, valueInputOption: "RAW", requestBody: { values: [["id", "amount", "at"]] } });
  const appended = await values.append({
    spreadsheetId, range, valueInputOption: "RAW", insertDataOption: "INSERT_ROWS", includeValuesInResponse: true,
    requestBody: { values: [["007", 120, "2026-02-03T00:00:00Z"]] },
  });
  assert.deepEqual(appended.data.updates.updatedData.values, [["007", "120", "2026-02-03T00:00:00Z"]]);
  assert.match(appended.data.tableRange, /A1:C1$/);
  const read = await values.get({ spreadsheetId, range, valueRenderOption: "UNFORMATTED_VALUE" });
  assert.deepEqual(read.data.values, [["id", "amount", "at"], ["007", 120, "2026-02-03T00:00:00Z"]]);
  const several = await values.batchGet({ spreadsheetId, ranges: [`'${title}'!A1`, `'${title}'!B2:C2`] });
  assert.deepEqual(several.data.valueRanges[1].values, [["120", "2026-02-03T00:00:00Z"]]);
  await values.batchUpdate({
    spreadsheetId,
    requestBody: { valueInputOption: "USER_ENTERED", data: [{ range: `'${title}'!B3`, values: [["50%"]] }] },
  });
  const shown = await values.get({ spreadsheetId, range: `'${title}'!B3` });
  assert.deepEqual(shown.data.values, [["50%"]]);
  const twice = sheets.spreadsheets.batchUpdate({
    spreadsheetId,
    requestBody: { requests: [{ deleteDimension: { range: { sheetId, dimension: "ROWS", startIndex: 2, endIndex: 3 } } }, { addSheet: { properties: { title } } }] },
  });
  await assert.rejects(twice, (error) => error.status === 400 && /already exists/.test(error.message));
  assert.deepEqual((await values.get({ spreadsheetId, range: `'${title}'!B3` })).data.values, [["50%"]]);
  await values.clear({ spreadsheetId, range });
  assert.equal((await values.get({ spreadsheetId, range })).data.values, undefined);

  // Its own rule: a read is tried again after 429, an append after 503 is not.
  await post("/_sandbox/faults", { kind: "quota_429", method: "values.get" });
  assert.equal((await values.get({ spreadsheetId, range })).status, 200);
  await post("/_sandbox/faults", { kind: "applied_503", method: "values.append" });
  const lost = values.append({ spreadsheetId, range, valueInputOption: "RAW", requestBody: { values: [["lost"]] } });
  await assert.rejects(lost, (error) => error.status === 503);
  assert.deepEqual((await values.get({ spreadsheetId, range })).data.values, [["lost"]]);
}
console.log("ok");
