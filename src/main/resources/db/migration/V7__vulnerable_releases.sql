-- Every npm install asks which releases are known to be vulnerable: few are, and the planner has to know.
CREATE INDEX release_vulnerable ON release (package_id) WHERE state = 'released' AND facts -> 'vulnerabilities' <> '[]';
CREATE STATISTICS release_vulnerabilities ON (facts -> 'vulnerabilities') FROM release;
