BEGIN TRANSACTION;
CREATE TABLE revision (
	scenario_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	parent INTEGER, 
	plain VARCHAR NOT NULL, 
	made_at VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	PRIMARY KEY (scenario_id, number), 
	FOREIGN KEY(scenario_id) REFERENCES scenario (id)
);
INSERT INTO "revision" VALUES('storm0000000000000000a',1,NULL,'{"world":"w","horizon_h":1,"events":[]}','2026-11-25T18:48:34.760115+00:00','created');
INSERT INTO "revision" VALUES('storm0000000000000000a',2,1,'{"world":"w","horizon_h":2,"events":[]}','2026-11-25T18:48:34.837320+00:00','horizon');
INSERT INTO "revision" VALUES('storm0000000000000000a',3,2,'{"world":"w","horizon_h":3,"events":[]}','2026-11-25T18:48:34.849181+00:00','');
INSERT INTO "revision" VALUES('storm0000000000000000a',4,2,'{"world":"w","horizon_h":4,"events":[],"title":"New name"}','2026-11-25T18:48:34.873082+00:00','');
INSERT INTO "revision" VALUES('flood0000000000000000a',1,NULL,'{"world":"w","horizon_h":7,"events":[]}','2026-11-25T18:48:34.892129+00:00','created');
INSERT INTO "revision" VALUES('early0000000000000000a',1,NULL,'{"world":"w","horizon_h":1,"events":[]}','2026-11-25T18:48:34.896153+00:00','created');
INSERT INTO "revision" VALUES('early0000000000000000a',2,1,'{"world":"w","horizon_h":2,"events":[]}','2026-11-25T18:48:34.900014+00:00','');
INSERT INTO "revision" VALUES('early0000000000000000a',3,1,'{"world":"w","horizon_h":3,"events":[]}','2026-11-25T18:48:34.917590+00:00','');
CREATE TABLE scenario (
	id VARCHAR NOT NULL, 
	world_id VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	tip INTEGER NOT NULL, 
	created VARCHAR NOT NULL, 
	updated VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "scenario" VALUES('storm0000000000000000a','w','Störung',10,2,4,'2026-11-25T18:48:34.760115+00:00','2026-11-25T18:48:34.888777+00:00');
INSERT INTO "scenario" VALUES('flood0000000000000000a','w','Flood',1,1,1,'2026-11-25T18:48:34.892129+00:00','2026-11-25T18:48:34.892129+00:00');
INSERT INTO "scenario" VALUES('early0000000000000000a','w','Early',5,1,3,'2026-11-25T18:48:34.896153+00:00','2026-11-25T18:48:34.925345+00:00');
CREATE TABLE step (
	scenario_id VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	tip INTEGER NOT NULL, 
	PRIMARY KEY (scenario_id, revision), 
	FOREIGN KEY(scenario_id) REFERENCES scenario (id)
);
INSERT INTO "step" VALUES('storm0000000000000000a',1,1,1);
INSERT INTO "step" VALUES('storm0000000000000000a',2,2,2);
INSERT INTO "step" VALUES('storm0000000000000000a',3,3,3);
INSERT INTO "step" VALUES('storm0000000000000000a',4,2,3);
INSERT INTO "step" VALUES('storm0000000000000000a',5,1,3);
INSERT INTO "step" VALUES('storm0000000000000000a',6,2,3);
INSERT INTO "step" VALUES('storm0000000000000000a',7,4,4);
INSERT INTO "step" VALUES('storm0000000000000000a',8,2,4);
INSERT INTO "step" VALUES('storm0000000000000000a',9,4,4);
INSERT INTO "step" VALUES('storm0000000000000000a',10,2,4);
INSERT INTO "step" VALUES('flood0000000000000000a',1,1,1);
CREATE INDEX ix_scenario_updated ON scenario (updated);
COMMIT;
