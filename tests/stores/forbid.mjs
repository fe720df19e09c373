// Each function makes a kind of change fail, such as `delete on rollcall_grants`, until the
// returned function is called.

export async function forbidOnSqlite(query, change) {
  await query(
    `create trigger forbidden before ${change} begin select raise(abort, 'forbidden by the test'); end`,
  );
  return () => query("drop trigger forbidden");
}

export async function forbidOnPostgres(query, change) {
  await query(`create function forbidden() returns trigger language plpgsql as
    $$ begin raise exception 'forbidden by the test'; end $$`);
  await query(
    `create trigger forbidden before ${change} for each row execute function forbidden()`,
  );
  return () => query("drop function forbidden cascade");
}

export async function forbidOnMariadb(query, change) {
  await query(
    `create trigger forbidden before ${change} for each row signal sqlstate '45000' set message_text = 'forbidden by the test'`,
  );
  return () => query("drop trigger forbidden");
}
