DROP TABLE wecom_events;
DROP TABLE wecom_contacts;
DROP INDEX staff_wecom;
ALTER TABLE staff DROP COLUMN wecom_userid;
