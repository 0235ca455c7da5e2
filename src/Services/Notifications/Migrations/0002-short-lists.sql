-- Lists are kept short from now on, as entries are added: those that have grown long would stay so where nothing is added any more.
-- First what one person did too often, so that it does not push out what the others did. (type 1: a mention)
DELETE FROM notifications WHERE id IN (
  SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY account_id, actor_id ORDER BY id DESC) AS place FROM notifications WHERE type = 1) AS placed
  WHERE place > 500
);
DELETE FROM notifications WHERE id IN (
  SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY id DESC) AS place FROM notifications) AS placed
  WHERE place > 2000
);
