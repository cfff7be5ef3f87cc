-- Recompute the national result of this record from its Parquet files, with a stock DuckDB and none of our code:
--     cd RECORD && duckdb < recompute.sql
-- Every reading is drawn together again per origin and per polling station, the verdicts are given again, and the
-- stations that count under the policy of the record are added up. The last columns hold the result against the record.
--
-- Taken from the record as given: which readings stand (column `standing`: no later act or snapshot supersedes them; under
-- a policy `source:ID`, `standing_in_source`: none of the same source does), and which readings failed a check of error
-- severity (column `failed`).

CREATE OR REPLACE TEMP VIEW summary AS
SELECT unnest(contests, recursive := false) AS c FROM read_json('summary.json');

CREATE OR REPLACE TEMP VIEW policies AS
SELECT c.contest AS contest, c.policy AS policy FROM summary;

CREATE OR REPLACE TEMP VIEW readings AS
SELECT r.* FROM read_parquet('readings-*.parquet', union_by_name = true) r JOIN policies p USING (contest)
WHERE CASE WHEN p.policy LIKE 'source:%' THEN p.policy = 'source:' || r.source AND r.standing_in_source
           ELSE r.standing END;

-- One row a reading and figure that was read; a figure that was not read has no row, and is never a zero.
CREATE OR REPLACE TEMP TABLE figures AS
UNPIVOT (
    SELECT contest, station, origin, source, reading, COLUMNS('^(votes\..*|option\..*|other\..*|ballots|valid|null|blank|candidate_votes)$')
    FROM readings
) ON COLUMNS(* EXCLUDE (contest, station, origin, source, reading)) INTO NAME figure VALUE votes;

-- What each origin says of a figure: the lowest and the highest count among its readings.
CREATE OR REPLACE TEMP TABLE origin_figures AS
SELECT contest, station, origin, figure, min(votes) AS low, max(votes) AS high
FROM figures GROUP BY ALL;

-- Origins contradict each other where no count of one is a count of the other.
CREATE OR REPLACE TEMP TABLE station_figures AS
SELECT contest, station, figure, min(low) AS low, max(high) AS high,
       bool_or(low <> high) AS disputed, max(low) > min(high) AS contradicted
FROM origin_figures GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE candidates_of AS
SELECT contest, count(*) AS candidates FROM read_parquet('candidates.parquet') GROUP BY contest;

-- Origins that read the votes of every candidate.
CREATE OR REPLACE TEMP TABLE complete_origins AS
SELECT contest, station, origin FROM origin_figures JOIN candidates_of USING (contest)
WHERE starts_with(figure, 'votes.')
GROUP BY contest, station, origin, candidates HAVING count(*) = candidates;

CREATE OR REPLACE TEMP TABLE strength AS
SELECT x.contest, x.station, bool_or(o.independent) AS corroborated, bool_or(o.independent AND o.adverse) AS confirmed
FROM complete_origins x JOIN complete_origins y USING (contest, station)
JOIN read_parquet('origins.parquet') o ON o.a = x.origin AND o.b = y.origin
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE verdicts AS
SELECT r.contest, r.station,
       CASE WHEN r.failed AND p.policy NOT LIKE 'source:%' THEN 'quarantined'
            WHEN coalesce(f.contradicted, false) THEN 'contradicted'
            WHEN coalesce(f.disputed, false) THEN 'disputed'
            WHEN coalesce(s.confirmed, false) THEN 'confirmed'
            WHEN coalesce(s.corroborated, false) THEN 'corroborated'
            ELSE 'single' END AS verdict
FROM (SELECT contest, station, bool_or(failed) AS failed FROM readings GROUP BY ALL) r
JOIN policies p USING (contest)
LEFT JOIN (SELECT contest, station, bool_or(contradicted) AS contradicted, bool_or(disputed) AS disputed
           FROM station_figures GROUP BY ALL) f USING (contest, station)
LEFT JOIN strength s USING (contest, station);

CREATE OR REPLACE TEMP TABLE counted AS
SELECT v.contest, v.station FROM verdicts v JOIN policies p USING (contest)
WHERE CASE WHEN p.policy = 'single' THEN v.verdict IN ('single', 'corroborated', 'confirmed')
           WHEN p.policy = 'corroborated' THEN v.verdict IN ('corroborated', 'confirmed')
           WHEN p.policy = 'confirmed' THEN v.verdict = 'confirmed'
           ELSE v.verdict NOT IN ('contradicted', 'disputed') END;

CREATE OR REPLACE TABLE recomputed AS
SELECT c.contest, c.candidate, c.name,
       coalesce(sum(f.low) FILTER (WHERE k.station IS NOT NULL AND f.low = f.high), 0)::BIGINT AS votes,
       t.votes AS in_the_record,
       coalesce(sum(f.low) FILTER (WHERE k.station IS NOT NULL AND f.low = f.high), 0)::BIGINT = t.votes AS agrees
FROM read_parquet('candidates.parquet') c
JOIN read_parquet('totals.parquet') t ON t.contest = c.contest AND t.candidate = c.candidate AND t.area = ''
LEFT JOIN station_figures f ON f.contest = c.contest AND f.figure = 'votes.' || c.candidate
LEFT JOIN counted k ON k.contest = f.contest AND k.station = f.station
GROUP BY c.contest, c.candidate, c.name, c.position, t.votes
ORDER BY c.contest, votes DESC, c.candidate;

SELECT contest, count(*) AS stations_counted FROM counted GROUP BY contest ORDER BY contest;
SELECT contest, verdict, count(*) AS stations FROM verdicts GROUP BY ALL ORDER BY ALL;
SELECT contest, candidate, name, votes,
       round(100 * votes / sum(votes) OVER (PARTITION BY contest), 2) AS percent, in_the_record, agrees
FROM recomputed ORDER BY contest, votes DESC, candidate;
