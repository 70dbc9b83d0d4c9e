"""Drives the sandbox with gspread as it comes from PyPI.

Usage: gspread_check.py BASE_URL KEY_FILE SHEET_ID. Prints "ok" if everything was as expected.
gspread has no option for another address: its URL constants are replaced after import, nothing else.
"""

import sys

import gspread
from gspread.exceptions import APIError, WorksheetNotFound

BASE, KEY, SHEET = sys.argv[1:4]

for name, module in list(sys.modules.items()):
    if name.split(".")[0] == "gspread":
        for key, value in list(vars(module).items()):
            if isinstance(value, str) and value.startswith("https://"):
                for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                    value = value.replace(host, BASE)
                setattr(module, key, value)


def same(got, expected, what):
    assert got == expected, f"{what}: got {got!r}, expected {expected!r}"


def refused(code, action):
    try:
        action()
    except APIError as error:
        same(error.response.status_code, code, "status")
        return error
    raise AssertionError(f"{code} was expected")


client = gspread.service_account(filename=KEY)
book = client.open_by_key(SHEET)
same(book.title, "島嶼選物訂單簿", "title")
same(client.open(book.title).id, SHEET, "open by title")
same([w.title for w in book.worksheets()], ["工作表1"], "tabs")

orders = book.add_worksheet("My Shop's Orders", rows=10, cols=5)
same((orders.row_count, orders.col_count), (10, 5), "size")
orders.update([["id", "amount", "note"]], "A1", raw=True)
orders.freeze(rows=1)
orders.append_row(["007", 120, "=1+1"], value_input_option="RAW", insert_data_option="INSERT_ROWS", table_range="A1")
orders.append_rows([["008", 80], ["009", 90, "茶"]], value_input_option="RAW", table_range="A1")
same(orders.get_all_values(), [["id", "amount", "note"], ["007", "120", "=1+1"], ["008", "80", ""], ["009", "90", "茶"]], "values")
same(orders.get_all_records(numericise_ignore=["all"])[2], {"id": "009", "amount": "90", "note": "茶"}, "records")
same(orders.get("A2:C3", value_render_option="UNFORMATTED_VALUE", date_time_render_option="SERIAL_NUMBER"), [["007", 120, "=1+1"], ["008", 80]], "typed")
orders.update_cell(2, 2, "=2*3")
same(orders.acell("B2", value_render_option="FORMULA").value, "=2*3", "formula")
orders.batch_update([{"range": "B2", "values": [[121]]}, {"range": "C3", "values": [["x"]]}])
same(orders.batch_get(["A2:B2", "C3"]), [[["007", "121"]], [["x"]]], "batch_get")
same(orders.find("009").row, 4, "find")
orders.insert_row(["006", 1], 2)
same(orders.col_values(1), ["id", "006", "007", "008", "009"], "insert_row")
orders.delete_rows(2)
same(orders.col_values(1), ["id", "007", "008", "009"], "delete_rows")
orders.sort((2, "des"))
same(orders.col_values(2), ["amount", "121", "90", "80"], "sort below the frozen header")
orders.batch_clear(["C2:C4"])
same(orders.col_values(3), ["note"], "batch_clear")
orders.add_protected_range("A1:E1")
orders.resize(rows=20)
same(book.worksheet("My Shop's Orders").row_count, 20, "resize")
orders.update_title("Orders")
book.del_worksheet(book.worksheet("工作表1"))
same([w.title for w in book.worksheets()], ["Orders"], "del_worksheet")
orders.clear()
same(orders.get_all_values(), [[]], "clear")

refused(400, lambda: orders.get("A1001:B1002"))
try:
    client.open_by_key("no-such-sheet")
except gspread.exceptions.SpreadsheetNotFound:
    pass
else:
    raise AssertionError("an unknown spreadsheet opened")
try:
    book.worksheet("nowhere")
except WorksheetNotFound:
    pass
else:
    raise AssertionError("an unknown tab opened")

client.http_client.request("post", f"{BASE}/_sandbox/faults", json={"kind": "quota_429"})
error = refused(429, lambda: orders.get("A1"))
same(error.response.json()["error"]["status"], "RESOURCE_EXHAUSTED", "status")
client.http_client.request("post", f"{BASE}/_sandbox/faults", json={"kind": "applied_503", "method": "values.append"})
refused(503, lambda: orders.append_row(["lost"], table_range="A1"))
same(orders.get_all_values(), [["lost"]], "applied, but the answer was lost")

print("ok")
