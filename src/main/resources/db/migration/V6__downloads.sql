-- Days are dropped when they are old, and the night looks at two of them, across all releases.
CREATE INDEX download_day_day ON download_day (day);
