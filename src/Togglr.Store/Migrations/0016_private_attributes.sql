-- Attributes that must not leave the server's side: the analysis of targeting warns where flags that clients see look at them.
ALTER TABLE attributes ADD COLUMN private boolean NOT NULL DEFAULT false;
