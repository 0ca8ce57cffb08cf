"""`make run`: the whole product on this machine, with fakes to talk to and a demo account.

It starts everything, says how to reach it, and waits. Ctrl-C, SIGTERM or the end of the terminal
ends all of it.
"""

import contextlib
import sys
import time
from dataclasses import replace

from .account import Account, Secrets
from .fakes.captain_api import running_fake_captain_api
from .fakes.subscriber import running_fake_subscriber
from .fakes.syrve import running_fake_syrve
from .http import Api, call
from .session import FILE, Session
from .settings import STATE, Ports, StackError
from .stack import Stack, end_on_signals

# The fakes have no quotas, and a demo that is run twice need not wait a minute for its second sync.
RATES = {"dictionaries": 60, "drivers": 60}
TEXT = """
Courier Bridge is running (ready in {seconds:.1f} s).

  API                   {api_url}/v1
  API token             {api_token}
  Webhook of Syrve      {syrve}   token {syrve_token}
  Webhook of Captain.AI {captain}   token {captain_token}
  Webhook of its items  {captain_items}
  Webhook of Jelp       {jelp}/<event>   token {jelp_token}
  Webhook of Radaro     {radaro}   token {radaro_token}
  Webhook of Bringg     {bringg}/<event>   token {bringg_token}
  Fake Syrve            {syrve_url}
  Fake Captain.AI       {captain_url}
  Fake subscriber       {subscriber_url}   what it received: {subscriber_url}/received
  AWS emulator          {emulator_url}   log {log}

Try, in another terminal:
  make demo
  curl -s -H 'Authorization: Bearer {api_token}' {api_url}/v1/accounts/demo
  make logs

Ctrl-C stops everything.
"""


def main() -> None:
    end_on_signals()
    started = time.monotonic()
    try:
        with contextlib.ExitStack() as running:
            ports = Ports.from_environment()
            kept = Secrets.kept_in(STATE / "secrets.json")
            syrve = running.enter_context(running_fake_syrve(ports.syrve))
            captain = running.enter_context(running_fake_captain_api(ports.captain))
            subscriber = running.enter_context(running_fake_subscriber(ports.subscriber))
            stack = running.enter_context(Stack(STATE / "run", kept.api_token, ports))
            session = Session(
                api_url=stack.api_url,
                api_token=kept.api_token,
                emulator_url=stack.emulator.url,
                syrve_url=syrve.url,
                captain_url=captain.url,
                subscriber_url=subscriber.url,
                account=replace(kept.demo, rate_limits=RATES),
                outputs=stack.outputs,
            )
            session.save()
            running.callback(FILE.unlink, missing_ok=True)
            register(session)
            print(text(session, str(stack.emulator.log), time.monotonic() - started), flush=True)
            while stack.emulator.is_running():
                time.sleep(0.5)
            raise StackError(f"the emulator ended; its log: {stack.emulator.log}")
    except KeyboardInterrupt:
        print("\nstopped")
    except StackError as error:
        sys.exit(f"error: {error}")


def register(session: Session) -> None:
    """Create the demo account, known to both fakes, and let Syrve send its webhooks to it."""
    account: Account = session.account
    syrve, captain = f"{session.syrve_url}/_control", f"{session.captain_url}/_control"
    keys = {
        "integration_key": account.captain_integration_key,
        "developer_key": account.captain_developer_key,
    }
    told("PUT", f"{syrve}/logins", {"login": account.api_login})
    told("PUT", f"{captain}/accounts", {"uuid": account.captain_account_uuid})
    told("PUT", f"{captain}/keys", keys)
    path = f"/accounts/{account.account_id}"
    body = account.body(session.syrve_url, session.captain_url)
    answer = Api(session.api_url, session.api_token).put(path, body)
    if answer.status not in (200, 201):
        text = answer.body.decode(errors="replace")
        raise StackError(f"PUT /v1{path} was answered {answer.status}: {text}")
    webhook = {
        "organizationId": account.organization_id,
        "url": session.webhook_urls["syrve"],
        "token": account.syrve_token,
    }
    told("PUT", f"{syrve}/webhook", webhook)
    subscribe(session)


def subscribe(session: Session) -> None:
    """Have the account's events sent to the fake subscriber, which is told how to check them."""
    account, url = session.account, session.subscriber_url + session.subscriber_path
    body = {"url": url, "items_url": f"{url}/items", "auth_token": account.subscriber_token}
    path = f"/accounts/{account.account_id}/subscriptions"
    answer = Api(session.api_url, session.api_token).post(path, body)
    if answer.status != 201:
        text = answer.body.decode(errors="replace")
        raise StackError(f"POST /v1{path} was answered {answer.status}: {text}")
    secret = answer.json()["signing_secret"]
    known = {"auth_token": account.subscriber_token, "signing_secrets": [secret]}
    for path in (session.subscriber_path, f"{session.subscriber_path}/items"):
        told("PUT", f"{session.subscriber_url}/_control/expect", {"path": path, **known})


def told(method: str, url: str, body: dict) -> None:
    """Tell a fake something through its control API."""
    answer = call(method, url, body)
    if answer.status >= 300:
        raise StackError(f"{url} was answered {answer.status}: {answer.body.decode()}")


def text(session: Session, log: str, seconds: float) -> str:
    return TEXT.format(
        seconds=seconds,
        api_url=session.api_url,
        api_token=session.api_token,
        syrve_url=session.syrve_url,
        captain_url=session.captain_url,
        subscriber_url=session.subscriber_url,
        emulator_url=session.emulator_url,
        syrve_token=session.account.syrve_token,
        captain_token=session.account.captain_token,
        jelp_token=session.account.jelp_token,
        radaro_token=session.account.radaro_token,
        bringg_token=session.account.bringg_token,
        log=log,
        **session.webhook_urls,
    )


if __name__ == "__main__":
    main()
