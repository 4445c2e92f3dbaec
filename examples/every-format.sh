#!/bin/sh
# Scores stories once and writes every report of them: every-format.sh [STORIES [FOLDER]]
set -eu
stories=${1:-examples/stories}
folder=${2:-reports}
mkdir -p "$folder"
exec star-coach score "$stories" \
  --format text \
  --format html --output "$folder/stories.html" \
  --format json --output "$folder/stories.json" \
  --format jsonl --output "$folder/stories.jsonl" \
  --format sarif --output "$folder/stories.sarif" \
  --format junit --output "$folder/stories.xml" \
  --format gitlab --output "$folder/gl-code-quality-report.json" \
  --format markdown --output "$folder/summary.txt" \
  --format csv-bom --output "$folder/stories.csv"
