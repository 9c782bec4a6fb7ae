"""Triggers that tell every stream when a token, session or user may no longer do what it could.

In the database, so that they also hold for QuerySet.update(), .delete() and raw SQL (tokens.md section 4).
"""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION inlay_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('inlay_access', TG_ARGV[0] || ':' || (to_jsonb(COALESCE(OLD, NEW)) ->> TG_ARGV[1]));
    RETURN NULL;
END $$;

CREATE TRIGGER tokens_accesstoken_changed AFTER UPDATE ON tokens_accesstoken FOR EACH ROW
    WHEN ((OLD.state, OLD.expires_at, OLD.grace_until, OLD.scopes, OLD.team_ids, OLD.domains, OLD.allow_no_origin,
           OLD.allowed_ips, OLD.user_id, OLD.token_hash)
          IS DISTINCT FROM
          (NEW.state, NEW.expires_at, NEW.grace_until, NEW.scopes, NEW.team_ids, NEW.domains, NEW.allow_no_origin,
           NEW.allowed_ips, NEW.user_id, NEW.token_hash))
    EXECUTE FUNCTION inlay_access_changed('token', 'id');
CREATE TRIGGER tokens_accesstoken_deleted AFTER DELETE ON tokens_accesstoken FOR EACH ROW
    EXECUTE FUNCTION inlay_access_changed('token', 'id');

CREATE TRIGGER tokens_handoffsession_changed AFTER UPDATE ON tokens_handoffsession FOR EACH ROW
    WHEN ((OLD.ended_at, OLD.expires_at, OLD.token_id, OLD.user_id)
          IS DISTINCT FROM (NEW.ended_at, NEW.expires_at, NEW.token_id, NEW.user_id))
    EXECUTE FUNCTION inlay_access_changed('token', 'token_id');
CREATE TRIGGER tokens_handoffsession_deleted AFTER DELETE ON tokens_handoffsession FOR EACH ROW
    EXECUTE FUNCTION inlay_access_changed('token', 'token_id');

CREATE TRIGGER accounts_user_changed AFTER UPDATE ON accounts_user FOR EACH ROW
    WHEN ((OLD.is_active, OLD.role, OLD.password, OLD.username)
          IS DISTINCT FROM (NEW.is_active, NEW.role, NEW.password, NEW.username))
    EXECUTE FUNCTION inlay_access_changed('user', 'id');
CREATE TRIGGER accounts_user_deleted AFTER DELETE ON accounts_user FOR EACH ROW
    EXECUTE FUNCTION inlay_access_changed('user', 'id');
CREATE TRIGGER accounts_user_teams_changed AFTER INSERT OR UPDATE OR DELETE ON accounts_user_teams FOR EACH ROW
    EXECUTE FUNCTION inlay_access_changed('user', 'user_id');
"""

UNDO = """
DROP TRIGGER accounts_user_teams_changed ON accounts_user_teams;
DROP TRIGGER accounts_user_deleted ON accounts_user;
DROP TRIGGER accounts_user_changed ON accounts_user;
DROP TRIGGER tokens_handoffsession_deleted ON tokens_handoffsession;
DROP TRIGGER tokens_handoffsession_changed ON tokens_handoffsession;
DROP TRIGGER tokens_accesstoken_deleted ON tokens_accesstoken;
DROP TRIGGER tokens_accesstoken_changed ON tokens_accesstoken;
DROP FUNCTION inlay_access_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_initial"), ("accounts", "0001_initial")]
    operations = [migrations.RunSQL(TRIGGERS, UNDO)]
