use super::*;

fn named() -> Named {
    Named {
        user: "anna".to_owned(),
        version: "PostgreSQL".to_owned(),
        connection: 7,
    }
}

fn run<T>(asked: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(asked)
}

fn question(text: &str) -> Result<Question> {
    run(Question::new(text, &named()))
}

/// The answer to what reads no mail: names of columns, and rows of values.
fn told(text: &str, values: &[Value<'_>]) -> Vec<String> {
    let question = question(text).unwrap_or_else(|wrong| panic!("{wrong}: {text}"));
    assert!(!question.reads_mail(), "{text}");
    let names = question.columns().iter().map(|(name, _)| name.as_str());
    let mut told = vec![names.collect::<Vec<_>>().join("|")];
    run(async {
        let mut rows = question.rows(None, values).await.expect("it is answered");
        while let Some(batch) = rows.next().await {
            let batch = batch.expect("it is answered");
            told.extend((0..batch.rows()).map(|row| {
                let values = batch.row(row).map(|value| match value {
                    Value::None => String::new(),
                    Value::Flag(it) => it.to_string(),
                    Value::Number(it) => it.to_string(),
                    Value::Text(it) => it.to_owned(),
                    other => format!("{other:?}"),
                });
                values.collect::<Vec<_>>().join("|")
            }));
        }
    });
    told
}

#[test]
fn psql_finds_the_table_and_its_columns() {
    // `\dt` of psql 15.
    let tables = r#"SELECT n.nspname as "Schema",
  c.relname as "Name",
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'p' THEN 'partitioned table' END as "Type",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r','p','')
      AND n.nspname <> 'pg_catalog'
      AND n.nspname !~ '^pg_toast'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1,2;"#;
    let expected = ["Schema|Name|Type|Owner", "public|events|table|anna"];
    assert_eq!(told(tables, &[]), expected);
    // `\d events`.
    let found = "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname OPERATOR(pg_catalog.~) '^(events)$' COLLATE pg_catalog.default \
         AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3;";
    assert_eq!(told(found, &[])[1..], ["16384|public|events"]);
    let about = "SELECT c.relchecks, c.relkind, c.relhasindex, c.relhasrules, c.relhastriggers, \
         c.relrowsecurity, c.relforcerowsecurity, false AS relhasoids, c.relispartition, '', \
         c.reltablespace, CASE WHEN c.reloftype = 0 THEN '' ELSE \
         c.reloftype::pg_catalog.regtype::pg_catalog.text END, c.relpersistence, c.relreplident, \
         am.amname FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_class tc ON (c.reltoastrelid = tc.oid) \
         LEFT JOIN pg_catalog.pg_am am ON (c.relam = am.oid) WHERE c.oid = '16384';";
    let row = "0|r|false|false|false|false|false|false|false||0||p|n|";
    assert_eq!(told(about, &[])[1..], [row]);
    let columns = "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), \
         (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d \
          WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), a.attnotnull, \
         (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t \
          WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation) \
          AS attcollation, a.attidentity, a.attgenerated FROM pg_catalog.pg_attribute a \
         WHERE a.attrelid = '16384' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;";
    let told = told(columns, &[]);
    assert_eq!(told[1], "at|timestamp with time zone||true|||");
    assert_eq!(told[2], "kind|text||true|||");
    assert_eq!(told.len(), Events::columns().fields().len() + 1);
}

#[test]
fn what_there_is_none_of_is_nothing() {
    let policies = "SELECT pol.polname, CASE WHEN pol.polroles = '{0}' THEN NULL ELSE \
         pg_catalog.array_to_string(array(select rolname from pg_catalog.pg_roles where oid = \
         any (pol.polroles) order by 1),',') END FROM pg_catalog.pg_policy pol \
         WHERE pol.polrelid = '16384' ORDER BY 1;";
    assert_eq!(told(policies, &[]), ["polname|case"]);
    let publications = "SELECT pubname, NULL, NULL FROM pg_catalog.pg_publication p \
         JOIN pg_catalog.pg_publication_rel pr ON p.oid = pr.prpubid WHERE pr.prrelid = '16384' \
         UNION ALL SELECT pubname, NULL, NULL FROM pg_catalog.pg_publication p \
         WHERE p.puballtables ORDER BY 1;";
    assert_eq!(told(publications, &[]).len(), 1);
    let inherits = "SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c, \
         pg_catalog.pg_inherits i WHERE c.oid = i.inhparent AND i.inhrelid = '16384' \
         AND c.relkind != 'p' ORDER BY inhseqno;";
    assert_eq!(told(inherits, &[]).len(), 1);
    assert_eq!(
        told("select count(*) from pg_stat_activity", &[])[1..],
        ["0"]
    );
    let unasked = "select c.relname, exists(select 1 from pg_index i where i.indrelid = c.oid) \
         from pg_class c";
    assert_eq!(told(unasked, &[]), ["relname|exists", "events|false"]);
}

#[test]
fn programs_find_columns_and_types() {
    let tables = "select table_name from information_schema.tables";
    assert_eq!(told(tables, &[]), ["table_name", "events"]);
    let columns = "select column_name, data_type from information_schema.columns \
         where table_schema = $1 and table_name = $2 order by ordinal_position limit 1";
    let values = [Value::Text("public"), Value::Text("events")];
    let expected = ["column_name|data_type", "at|timestamp with time zone"];
    assert_eq!(told(columns, &values), expected);
    // As DBeaver asks: a column by itself and with all others.
    let all = "SELECT c.oid,c.*,d.description FROM pg_catalog.pg_class c \
         LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 \
         AND d.classoid='pg_class'::regclass WHERE c.relnamespace=$1";
    assert!(told(all, &[Value::Number(2_200)])[0].starts_with("oid|oid|relname|"));
    let named = "select current_user, current_database(), version(), 'events'::regclass::oid, \
         pg_catalog.pg_backend_pid(), 1, 2, lower('A')";
    assert_eq!(
        told(named, &[]),
        [
            "current_user|current_database|version|oid|pg_backend_pid|?column?|?column?|lower",
            "anna|waybill|PostgreSQL|16384|7|1|2|a"
        ]
    );
}

#[test]
fn jdbc_finds_the_table_and_its_columns() {
    // `getTables` and `getColumns` of pgjdbc 42.7, as Metabase and DBeaver use them.
    let tables = r#"SELECT current_database() AS "TABLE_CAT", n.nspname AS "TABLE_SCHEM",
        c.relname AS "TABLE_NAME", CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema'
        WHEN true THEN 'SYSTEM TABLE' WHEN false THEN CASE c.relkind WHEN 'r' THEN 'TABLE'
        WHEN 'v' THEN 'VIEW' ELSE NULL END ELSE NULL END AS "TABLE_TYPE",
        d.description AS "REMARKS", '' as "TYPE_CAT"
        FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
        LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0
        and d.classoid = 'pg_class'::regclass) WHERE c.relnamespace = n.oid
        AND (false OR ( c.relkind = 'r' AND n.nspname !~ '^pg_' ) )
        ORDER BY "TABLE_TYPE","TABLE_SCHEM","TABLE_NAME""#;
    assert_eq!(told(tables, &[])[1..], ["waybill|public|events|TABLE||"]);
    let columns = "SELECT * FROM (SELECT current_database() AS current_database, n.nspname,\
         c.relname,a.attname,a.atttypid,a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS \
         attnotnull,a.atttypmod,a.attlen,t.typtypmod,row_number() OVER (PARTITION BY a.attrelid \
         ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity,\
         pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc,dsc.description,t.typbasetype,\
         t.typtype FROM pg_catalog.pg_namespace n \
         JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) \
         JOIN pg_catalog.pg_attribute a ON (a.attrelid=c.oid) \
         JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) \
         LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid=def.adrelid AND a.attnum = def.adnum) \
         LEFT JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid) \
         LEFT JOIN pg_catalog.pg_class dc ON (dc.oid=dsc.classoid AND dc.relname='pg_class') \
         LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace=dn.oid AND dn.nspname='pg_catalog') \
         WHERE c.relkind in ('r','p','v','f','m') and a.attnum > 0 AND NOT a.attisdropped \
         AND n.nspname LIKE 'public' AND c.relname LIKE 'events') c WHERE true \
         AND attname LIKE '%' ORDER BY nspname,c.relname,attnum";
    let told = told(columns, &[]);
    assert_eq!(
        told[1],
        "waybill|public|events|at|1184|true|-1|8|-1|1||||0|b"
    );
    assert_eq!(told.len(), Events::columns().fields().len() + 1);
}

#[test]
fn what_reads_mail_is_known() {
    for text in [
        "select count(*) from events",
        "select 1 where exists (select 1 from public.events)",
        "with a as (select * from events) select 1 from a",
        "select relname from pg_class union select kind from events",
        "explain select user from events",
    ] {
        let question = question(text);
        assert!(question.is_ok_and(|it| it.reads_mail()), "{text}");
    }
}

#[test]
fn parameters_are_what_they_are_compared_with() {
    let question = question("select $3 from events where kind = $1 and size > $2 limit $4");
    let question = question.expect("it is right");
    // What stands behind `limit` is not told by anything; a number as a text is one there too.
    let expected = [Shape::Text, Shape::Number, Shape::Text, Shape::Text];
    assert_eq!(question.parameters(), expected);
    let of_word = super::tests::question("select \"user\", user from events where user = 'a'");
    let of_word = of_word.expect("it is right");
    assert_eq!(of_word.columns()[1].0, "user");
    assert_eq!(of_word.columns()[1].1, Shape::Text);
}

#[test]
fn what_is_wrong_is_told_by_kind() {
    for (text, what) in [
        ("selec 1", What::Syntax),
        ("select nope from events", What::NoColumn),
        ("select * from nope", What::NoTable),
        ("select nope(1)", What::NoFunction),
        ("insert into events (kind) values ('a')", What::Writes),
        ("create table a as select 1", What::Writes),
        ("select * into a from events", What::Writes),
        ("select $9999999", What::Parameters),
        ("select 1 from events where at = $name", What::Parameters),
    ] {
        let wrong = question(text)
            .err()
            .unwrap_or_else(|| panic!("it is taken: {text}"));
        assert_eq!(wrong.what, what, "{text}: {wrong}");
    }
    let wrong = question("select 1\nfrm events x")
        .err()
        .expect("it is wrong");
    assert!(wrong.at.is_some(), "{wrong}");
}

#[test]
fn a_deep_question_does_not_end_the_daemon() {
    for part in [
        "1+",
        "(",
        "not ",
        "1=1 or ",
        "case when true then ",
        "- ",
        "'a'||",
    ] {
        for count in [8_000 / part.len(), 490, 240, 120] {
            let text = format!("select {part}1", part = part.repeat(count));
            // As large as threads of the daemon have it.
            let asked = std::thread::Builder::new().stack_size(16 << 20);
            let asked = asked.spawn(move || {
                // Refused or answered.
                let question = question(&text).ok()?;
                run(async {
                    let mut rows = question.rows(None, &[]).await.ok()?;
                    rows.next().await?.ok().map(|it| it.rows())
                })
            });
            let _ = asked.expect("a thread").join().expect("it ends");
        }
    }
    let deep = question(&format!("select {}1", "1+".repeat(501)));
    assert!(
        deep.err()
            .is_some_and(|it| it.text.contains("500 are allowed"))
    );
    let list = vec!["'a@b.example'"; 500].join(",");
    let wide = question(&format!("select 1 from events where account in ({list})"));
    assert!(wide.is_ok());
}
