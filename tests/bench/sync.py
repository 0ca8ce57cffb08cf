"""`make bench-sync`: what the driver sync costs, with the real functions in the emulator.

Three parts. One account with many drivers: a first run, one that finds nothing new, one with a
hundred changes. Phase one for many accounts. And fifty functions at once that share one login with
a low rate: what reaches the fake Syrve, against the rate. It judges nothing and prints numbers.
"""

import argparse
import asyncio
import json
import secrets
import sys
import time
import uuid
from pathlib import Path

from local.account import Account
from local.fakes.syrve import running_fake_syrve
from local.fakes.syrve_people import make_couriers
from local.http import Api
from local.settings import STATE, StackError, free_port
from local.stack import NAME, Stack
from local.waiting import wait_until

from .units import CountingProxy, Units

RATES = {"authorization": 6000, "dictionaries": 6000, "drivers": 6000}
DICTIONARIES = "Data: dictionaries"
AT_ONCE = 50


class Bench:
    def __init__(self, stack: Stack, proxy: CountingProxy, syrve) -> None:
        self.stack, self.proxy, self.syrve = stack, proxy, syrve
        self.api = Api(stack.api_url, stack.api_token)

    # One account with many drivers

    def drivers(self, count: int, changes: int) -> None:
        account = self.account("drivers", RATES)
        people = make_couriers(account.organization_id, count)
        self.syrve.state.couriers[account.organization_id] = people
        print(f"A sync of {count:,} drivers in one account\n")
        head = ("run", "created", "updated", "unchanged", "WCU", "RCU", "requests", "Syrve", "ms")
        rows = [head, self.sync(account, "first"), self.sync(account, "unchanged")]
        for person in people[:changes]:
            person["displayName"] += " II"
        rows.append(self.sync(account, f"{changes} renamed"))
        columns(rows)
        print(f"\npeak memory of driver-sync-account: {peak('driver-sync-account'):.1f} MB\n")

    def sync(self, account: Account, name: str) -> tuple:
        self.proxy.units, asked = Units(), len(self.syrve.requests)
        started = self.api.post(f"/accounts/{account.account_id}/drivers/sync").json()["run_at"]
        run = wait_until(lambda: self.finished(account, started), 300, every=0.1)
        units = self.proxy.units
        return (
            name,
            run["created"],
            run["updated"],
            run["unchanged"],
            f"{units.written:,.0f}",
            f"{units.read:,.0f}",
            sum(units.calls.values()),
            len(self.syrve.requests) - asked,
            run["duration_ms"],
        )

    def finished(self, account: Account, started: str) -> dict | None:
        run = self.api.get(f"/accounts/{account.account_id}").json()["driver_sync"]
        done = run and run["started_at"] >= started and run["state"] == "succeeded"
        return run if done else None

    # Phase one

    def accounts(self, count: int) -> None:
        table, name = self.stack.client("dynamodb"), self.stack.outputs["TableName"]
        made = self.account("many", RATES)
        key = {"pk": {"S": f"ACCOUNT#{made.account_id}"}, "sk": {"S": "ACCOUNT"}}
        item = table.get_item(TableName=name, Key=key)["Item"]
        for first in range(0, count, 25):
            numbers = range(first, min(first + 25, count))
            writes = [{"PutRequest": {"Item": copied(item, number)}} for number in numbers]
            table.batch_write_item(RequestItems={name: writes})
        lambdas = self.stack.client("lambda")
        queue = self.stack.outputs["DriverSyncQueueUrl"]
        hold(lambdas, "driver-sync-account", False)
        self.proxy.units, started = Units(), time.monotonic()
        answer = lambdas.invoke(FunctionName=f"{NAME}-driver-sync", Payload=b"{}")
        seconds = time.monotonic() - started
        told = json.loads(answer["Payload"].read())
        print(f"Phase one for {told['accounts']:,} accounts of {told['messages']:,} logins")
        print(f"  {seconds:.1f} s, {self.proxy.units.read:,.0f} RCU,", end=" ")
        print(f"peak memory of driver-sync: {peak('driver-sync'):.1f} MB\n")
        self.stack.client("sqs").purge_queue(QueueUrl=queue)
        hold(lambdas, "driver-sync-account", True)

    # Fifty functions and one rate

    def limits(self, per_minute: int, seconds: int) -> None:
        login = f"bench-{secrets.token_hex(4)}"
        rates = {**RATES, "dictionaries": per_minute}
        accounts = [self.account(f"limit-{n}", rates, login) for n in range(AT_ONCE)]
        now = time.time()
        stamp = lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))  # noqa: E731
        bodies = [
            {
                "run_at": stamp(now),
                "good_until": stamp(now + 3600),
                "accounts": [account.account_id],
            }
            for account in accounts
        ]
        sqs, queue = self.stack.client("sqs"), self.stack.outputs["DriverSyncQueueUrl"]
        started, rounds = time.monotonic(), 0
        busiest_functions = 0
        while time.monotonic() < started + seconds:
            rounds += 1
            for body in bodies:
                body["run_at"] = stamp(now + rounds)
            for first in range(0, AT_ONCE, 10):
                entries = [
                    {"Id": str(n), "MessageBody": json.dumps(body)}
                    for n, body in enumerate(bodies[first : first + 10])
                ]
                sqs.send_message_batch(QueueUrl=queue, Entries=entries)
            busiest_functions = max(busiest_functions, processes("driver-sync-account"))
            time.sleep(1)
        shown = [one for one in self.syrve.limits.shown("login") if one["login"] == login]
        calls = next(one for one in shown if one["group"] == DICTIONARIES)
        print(
            f"{AT_ONCE} accounts of one login, {busiest_functions} functions at once, {seconds} s"
        )
        print(f"  configured: {per_minute} calls a minute ({per_minute / 60:.2f} a second)")
        print(
            f"  the fake Syrve received {calls['calls']}, {calls['calls'] / seconds:.2f} a second;"
        )
        print(
            f"  the busiest minute had {calls['busiest']}, {calls['busiest'] / per_minute:.2f} x\n"
        )

    def account(self, name: str, rates: dict, login: str | None = None) -> Account:
        login = login or f"bench-{secrets.token_hex(4)}"
        organization = str(uuid.uuid4())
        account = Account(f"bench-{name}", organization, api_login=login)
        if login not in self.syrve.state.api_logins:
            self.syrve.state.add_login(login)
        self.syrve.state.organizations[organization] = account.account_id
        body = account.body(self.syrve.url)
        body["syrve"]["rate_limits"] = rates
        answer = self.api.put(f"/accounts/{account.account_id}", body)
        if answer.status not in (200, 201):
            raise StackError(f"an account was refused: {answer.body.decode()}")
        return account


def copied(item: dict, number: int) -> dict:
    """The same account under another name, with a login of its own."""
    account = f"bench-{number:05}"
    data = dict(item["data"]["M"])
    data["account_id"] = {"S": account}
    syrve = {"M": {**data["syrve"]["M"], "login_key": {"S": f"{number:064x}"}}}
    data["syrve"] = syrve
    own = {"pk": {"S": f"ACCOUNT#{account}"}, "gsi1sk": {"S": account}, "data": {"M": data}}
    return {**item, **own}


def hold(lambdas, function: str, enabled: bool) -> None:
    mappings = lambdas.list_event_source_mappings(FunctionName=f"{NAME}-{function}")
    for mapping in mappings["EventSourceMappings"]:
        lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)


def running(function: str) -> list[Path]:
    """The processes of a function, told by their environment."""
    mark = f"AWS_LAMBDA_FUNCTION_NAME={NAME}-{function}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes() + b"\0":
                found.append(process)
        except OSError:
            continue
    return found


def processes(function: str) -> int:
    return len(running(function))


def peak(function: str) -> float:
    """The most memory that any process of a function has had, MB."""
    most = 0
    for process in running(function):
        try:
            lines = (process / "status").read_text().splitlines()
        except OSError:
            continue
        most = max([most, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
    return most * 1024 / 1_000_000


def columns(rows: list[tuple]) -> None:
    texts = [tuple(map(str, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


async def main(given: argparse.Namespace) -> None:
    folder = STATE / "bench"
    # No run of the schedule falls into a measurement.
    parameters = {"DriverSyncMinutes": "1440", "SyncConcurrency": str(AT_ONCE)}
    stack = Stack(folder, secrets.token_urlsafe(32), parameters=parameters)
    async with CountingProxy(stack.emulator.url, free_port()) as proxy:
        stack.emulator.functions_url = f"http://127.0.0.1:{proxy.port}"

        def work() -> None:
            with stack, running_fake_syrve() as syrve:
                bench = Bench(stack, proxy, syrve)
                bench.drivers(given.drivers, 100)
                bench.accounts(given.accounts)
                bench.limits(given.rate, given.seconds)

        await asyncio.to_thread(work)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.sync", description=__doc__.splitlines()[0])
    parser.add_argument("--drivers", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=120, help="calls a minute")
    parser.add_argument("--seconds", type=int, default=75)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments()))
    except StackError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
