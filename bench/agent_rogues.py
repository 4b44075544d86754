"""Others at the broker, and agents that are not as they should be: rows of bench/agent_faults.py."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import json
import random
from typing import Any, Final

from bench.agent_house import AgentProcess, House, Message, when
from tests.peers.mosquitto import Listener
from tests.peers.proxy import proxy

BASE: Final = "eas_station"
COPIES: Final = 3
WRONG: Final = 300
HUGE: Final = 40
HUGE_BYTES: Final = 1_500_000
HOUR: Final = "3600"
CLOCK_SECONDS: Final = 12.0

DICE: Final = random.Random(1)  # noqa: S311 - No secrets.

type Rogue = Callable[[House, Message], Awaitable[None]]


@asynccontextmanager
async def somebody(home: House) -> AsyncIterator[Listener]:
    """Give somebody who hears all, and says what they like."""
    client = await asyncio.to_thread(Listener, home.broker.port)
    client.heard.clear()
    try:
        yield client
    finally:
        await asyncio.to_thread(client.close)


@asynccontextmanager
async def alone(
    home: House, *, tls: bool = False, **more: str
) -> AsyncIterator[AgentProcess]:
    """Give an agent that hears alone, the others being off."""
    others = dict(home.agents)
    for one in others.values():
        await home.remove_agent(one)
    port = home.tls_port if tls else home.broker.port
    with proxy(port) as network:
        # Another each time: the disk of one before would tell what it heard.
        name = f"cabin-{DICE.randrange(10**6)}"
        agent = AgentProcess(name, home.folder, network, home.air.port, **more)
        try:
            await home.add_agent(agent)
            yield agent
            await when(lambda: not agent.kept().unsent)
        finally:
            await home.remove_agent(agent)
            for one in others.values():
                await home.add_agent(one)


async def is_sent(home: House, sent: Message) -> None:
    """Send a message, and wait until it is told."""
    home.air.say(sent.audio)
    await when(lambda: home.is_settled(sent))


async def delivered_again(home: House, sent: Message) -> None:
    """Whatever comes on the agents' topics comes some more times."""
    async with somebody(home) as rogue:
        home.air.say(sent.audio)
        again: set[bytes] = set()

        def repeat() -> bool:
            for topic, payload, _ in tuple(rogue.heard):
                if topic.endswith(("/alert", "/eom")) and payload not in again:
                    again.add(payload)
                    for _ in range(COPIES):
                        rogue.publish(topic, payload)
            return len(again) == 2 * len(home.agents)

        await when(lambda: asyncio.to_thread(repeat))
        # And when all is long told.
        again.clear()
        await asyncio.sleep(1)
        await asyncio.to_thread(repeat)


async def out_of_order(home: House, sent: Message) -> None:
    """An agent's messages come as they were shuffled on the way."""
    async with (
        alone(home, base="eas_elsewhere") as agent,
        somebody(home) as rogue,
    ):
        home.air.say(sent.audio)

        def came() -> list[tuple[str, bytes]]:
            return [
                (topic.replace("eas_elsewhere", BASE), payload)
                for topic, payload, _ in tuple(rogue.heard)
                if topic.startswith("eas_elsewhere") and topic[-4:] in ("lert", "/eom")
            ]

        await when(lambda: len(came()) == 2)
        mixed = came()[::-1] * COPIES
        if DICE.random() < 0.5:
            DICE.shuffle(mixed)
        for topic, payload in mixed:
            await asyncio.to_thread(rogue.publish, topic, payload)
        await when(lambda: home.is_settled(sent))
        assert agent.has_kept(sent.id)


def spoilt(told: dict[str, Any]) -> bytes:
    """Return a payload with something wrong."""
    match DICE.randrange(6):
        case 0:
            return DICE.randbytes(DICE.randrange(400))
        case 1:
            whole = json.dumps(told).encode()
            return whole[: DICE.randrange(len(whole))]
        case 2:
            del told[DICE.choice(("id", "header", "version", "agent", "received"))]
        case 3:
            key = DICE.choice([*told])
            told[key] = {"deep": [None, key]}
        case 4:
            told["best_guess"] = told["best_guess"][::-1]
        case _:
            told["version"] = 7
    return json.dumps(told).encode()


async def wrong_payloads(home: House, sent: Message) -> None:
    """Somebody says on the agents' topics what is no message."""
    async with somebody(home) as rogue:
        home.air.say(sent.audio)
        await when(lambda: bool(rogue.told("alert")))
        told = rogue.told("alert")[0]

        def say() -> None:
            for number in range(WRONG):
                payload = spoilt({**told, "agent": "attic"})
                for last in ("alert", "eom", "health", "status", "command")[
                    number % 5 :: 5
                ]:
                    rogue.publish(f"{BASE}/attic/{last}", payload)

        await asyncio.to_thread(say)
        await when(lambda: home.is_settled(sent))


async def huge_payloads(home: House, sent: Message) -> None:
    """Somebody says far too much on the agents' topics."""
    async with somebody(home) as rogue:
        home.air.say(sent.audio)

        def say() -> None:
            for number in range(HUGE):
                last = ("alert", "eom", "health", "status", "command")[number % 5]
                rogue.publish(
                    f"{BASE}/attic/{last}", b'{"version":1' * (HUGE_BYTES // 12)
                )

        await asyncio.to_thread(say)
        await when(lambda: home.is_settled(sent))


async def others_topics(home: House, sent: Message) -> None:
    """Somebody speaks for others: the barn on the attic's topics, the attic as gone, nobody known."""
    async with somebody(home) as rogue:
        home.air.say(sent.audio)
        await when(lambda: len(rogue.told("alert")) == len(home.agents))

        def say() -> None:
            for told in rogue.told("alert"):
                other = {**told, "id": "stolen"}
                name = "attic" if told["agent"] == "barn" else "barn"
                for topic in (
                    f"{BASE}/{name}/alert",
                    f"{BASE}/ATTIC/alert",
                    f"{BASE}/a/b/alert",
                    f"{BASE}//alert",
                ):
                    rogue.publish(topic, other)
            offline = {"version": 1, "state": "offline", "software": "0"}
            rogue.publish(f"{BASE}/attic/status", offline, retain=True)

        await asyncio.to_thread(say)
        await when(lambda: home.is_settled(sent))
        # The attic says itself that it is there.
        assert await when(lambda: home.is_connected("attic"))


def clock(ahead: str) -> Rogue:
    """Return what has an agent hear by a clock that is off by so many seconds."""

    async def hear(home: House, sent: Message) -> None:
        async with alone(home, ahead=ahead):
            # What it says of its health tells how its clock is.
            await asyncio.sleep(CLOCK_SECONDS)
            await is_sent(home, sent)

    return hear


def trusting(home: House, *, whole: bool = True) -> str:
    """Return what an agent is told of a broker that speaks TLS and wants its certificate."""
    own = f'certificate_file = "{home.broker.folder}/ca.pem"\nkey_file = "{home.broker.folder}/key.pem"'
    authority = f'\nca_file = "{home.broker.folder}/ca.pem"' if whole else ""
    return f"tls = true\n{own}{authority}"


async def by_tls(home: House, sent: Message) -> None:
    """The broker and the agent show each other their certificates."""
    async with alone(home, tls=True, broker=trusting(home)):
        await is_sent(home, sent)


async def by_wrong_tls(home: House, sent: Message) -> None:
    """The agent is not told whose word it shall take for the broker's, until it is."""
    async with alone(home, tls=True, broker=trusting(home)) as agent:
        await asyncio.to_thread(agent.kill)
        agent.configure(trusting(home, whole=False))
        await asyncio.to_thread(agent.start)
        assert await when(lambda: "certificate is not to be trusted" in agent.log)
        home.air.say(sent.audio)
        await when(lambda: home.air.quiet and len(agent.kept().unsent) == 2)
        await asyncio.to_thread(agent.kill)
        agent.configure(trusting(home))
        await asyncio.to_thread(agent.start)
        await when(lambda: home.is_settled(sent))


ROGUES: Final[dict[str, Rogue]] = {
    "all delivered four times, and later again": delivered_again,
    "the end before its alert, each three times": out_of_order,
    "300 wrong payloads": wrong_payloads,
    "40 payloads of 1.5 MB": huge_payloads,
    "others' topics": others_topics,
    "agent's clock an hour ahead": clock(HOUR),
    "agent's clock an hour behind": clock(f"-{HOUR}"),
    "TLS with both certificates": by_tls,
    "TLS with a wrong authority, mended": by_wrong_tls,
}
