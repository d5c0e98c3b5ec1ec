-- What came out of one build is found from each part of it: a package of nix, the wheel in its output dist, the tarball that
-- was made of its tree.
CREATE INDEX artifact_build ON artifact (build);
