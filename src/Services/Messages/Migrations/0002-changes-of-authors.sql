-- The change that an author was last suspended, restored or deleted in; 0 when that is from before this script or was never so.
ALTER TABLE authors ADD COLUMN changed_in INTEGER NOT NULL DEFAULT 0;
