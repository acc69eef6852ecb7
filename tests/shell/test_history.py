"""What the history keeps of what was typed, and what it leaves out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from apigw_vtab.shell.history import History, holds_secret

KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_the_history_is_its_owners_and_keeps_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    history = History(path)
    for text in ("select 1;", "select 'AKIAIOSFODNN7EXAMPLE';", "update x set password = 'x';"):
        history.append_string(text)
    assert list(History(path).load_history_strings()) == ["select 1;"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "PassWord", "pass_word", "pass-word", "passwd", "passphrase"),
        *(
            "pwd",
            "db_password",
            "dbPassword",
            "PGPASSWORD",
            "passw0rd",
            "p4ssw0rd",
            "user.password",
        ),
        *("token", "session_token", "sessionToken", "AWS_SESSION_TOKEN", "x-amz-security-token"),
        *("secret", "client_secret", "secretAccessKey", "aws_secret_access_key", "api_key"),
        *("apikey", "api-key", "X-API-Key", "access_key", "private_key", "credentials"),
    ],
)
@pytest.mark.parametrize(
    "statement",
    [
        "update x set {} = 'hunter2';",
        "update x set {}='hunter2';",
        'update x set "{}"="hunter2";',
        ".run q {}=hunter2",
        """select '{{"{}": "hunter2"}}';""",
        "select json_object('{}', 'hunter2');",
        "update s set variables = json_set(variables, '$.{}', 'hunter2');",
        "insert into users (name, {}) values ('ann', 'hunter2');",
        ".parameter set {} hunter2",
        ".parameter set :{} hunter2",
        "-- mysql --{} hunter2",
        "set {} to 'hunter2'",
        "-- {}: hunter2",
        "-- {} := hunter2",
    ],
)
def test_what_sets_a_secret_is_not_kept(name: str, statement: str) -> None:
    assert holds_secret(statement.format(name))


@pytest.mark.parametrize(
    "text",
    [
        f"select '{KEY}';",
        "select * from api_keys where value = 'hunter2';",
        f".parameter set key {KEY}",
        "select 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk';",
        "select 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';",
        "select '-----BEGIN RSA PRIVATE KEY-----';",
        'update s set variables = \'{"db": "postgres://ann:hunter2@db/x"}\';',
        "select * from s where h = 'Authorization: Bearer c2VjcmV0LXRva2VuLTEyMw4fG7';",
        "select 'IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQD3x7Q';",
    ],
)
def test_a_secret_without_a_name_is_not_kept(text: str) -> None:
    assert holds_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "select name from rest_apis where name like '%token%';",
        "select * from stages where variables like '%password%';",
        "select region, name from rest_apis;",
        "select token, secret from mine where token is null;",
        "select * from mine where token = :token;",
        ".check stage-variable-secrets",
        ".run stage-variable-secrets days=3",
        ".queries secrets",
        "select m.key from stages, json_each(method_settings) m where m.key = '*/*';",
        "update stages set client_certificate_id = 'a1b2c3' where rest_api_id = '7xhvokuzfj';",
        "select * from rest_apis where api_key_source = 'HEADER';",
        "select * from api_calls where operation = 'GetStages';",
        ".once rows.csv",
        "select 'arn:aws:apigateway:eu-west-1::/restapis/7xhvokuzfj/stages/prod';",
        "insert into client_certificates (region, description) values ('eu-west-1', 'x');",
        "select * from deployments where created_date > '2026-11-01 00:00:00';",
    ],
)
def test_what_holds_no_secret_is_kept(tmp_path: Path, text: str) -> None:
    History(tmp_path / "history").append_string(text)
    assert text in (tmp_path / "history").read_text()
