"""DSPy: the same as `child.ts` and a contender's file in one, over the line-delimited JSON of Node's IPC channel."""

import asyncio
import json
import os
import resource
import socket
import sys
import time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # Nothing is fetched but from the benchmark's server.

# The folder of this file has other contenders' names in it: `import dspy` must not find this file itself.
sys.path = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]

base_url, form = sys.argv[1:3]
channel = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
question = "What is the capital of France?"


def send(reply):
    channel.sendall((json.dumps(reply) + "\n").encode())


def model_of(name):
    return name if form == "chat" else f"{name}-{form}"


def cost_since(usage, started):
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime - usage.ru_utime + now.ru_stime - usage.ru_stime
    return {"cpuMicros": cpu * 1e6, "wallMillis": (time.perf_counter() - started) * 1e3}


async def again(times, run, concurrency=1):
    left = iter(range(times))

    async def worker():
        for _ in left:
            await run()

    await asyncio.gather(*(worker() for _ in range(concurrency)))


def add(a: float, b: float) -> float:
    """Adds two numbers"""
    return a + b


def peer(dspy):
    """What DSPy does for each kind of job; it has no values of an object on the way."""
    lms = {}

    def lm(model):
        if model not in lms:
            lms[model] = dspy.LM(f"openai/{model}", api_key="benchmark", api_base=base_url, cache=False, num_retries=0)
        return lms[model]

    qa = dspy.Predict("question -> answer")
    agent = dspy.ReAct("question -> answer", tools=[add], max_iters=20)

    def streaming(signature):
        # Listeners remember what they heard, and belong to one predictor: each run has its own. A program that is not
        # said to be async would wait for one of eight threads.
        fields = [name.strip() for name in signature.split("->")[1].split(",")]
        listeners = [dspy.streaming.StreamListener(signature_field_name=name) for name in fields]
        return dspy.streamify(dspy.Predict(signature), stream_listeners=listeners, is_async_program=True)

    async def stream(model, signature, on_first):
        shown = 0
        with dspy.context(lm=lm(model)):
            async for event in streaming(signature)(question=question):
                if isinstance(event, dspy.streaming.StreamResponse):
                    if shown == 0:
                        on_first()
                    shown += len(event.chunk)
        return shown

    def answered(prediction):
        if "Paris" not in prediction.answer:
            raise RuntimeError(f"answered {prediction.answer!r}")

    async def call():
        with dspy.context(lm=lm(model_of("whole"))):
            answered(await qa.acall(question=question))

    async def act():
        with dspy.context(lm=lm("agent-text")):
            answered(await agent.acall(question=question))

    async def crowd(streams):
        firsts = []
        usage, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        first = lambda: firsts.append((time.perf_counter() - started) * 1e3)
        # No memory is looked at, so none of the streams need wait for the others.
        await asyncio.gather(*(stream(model_of("steady"), "question -> answer", first) for _ in range(streams)))
        if len(firsts) != streams:
            raise RuntimeError(f"only {len(firsts)} of {streams} streams showed something")
        at = {"firstMillis": firsts[streams // 2], "lastMillis": firsts[int(streams * 0.99)]}
        return {**cost_since(usage, started), **at}

    async def work(job):
        kind, times = job["kind"], job.get("times", 1)
        usage, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        if kind == "crowd":
            return await crowd(job["streams"])
        if kind == "stream":
            tokens = job["tokens"]

            async def read():
                shown = await stream(f"{form}-{tokens}", "question -> reasoning, answer", lambda: None)
                if shown < tokens * 3:
                    raise RuntimeError(f"showed only {shown} characters of {tokens} tokens")

            await again(times, read)
        elif kind == "call":
            await again(times, call, job["concurrency"])
        elif kind == "agent":
            await again(times, act)
        else:
            return None
        return cost_since(usage, started)

    return work


async def main():
    import dspy

    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    dspy.configure(adapter=dspy.ChatAdapter())
    work = peer(dspy)
    send({"ready": True})
    reader, _ = await asyncio.open_unix_connection(sock=channel)
    while line := await reader.readline():
        try:
            measured = await work(json.loads(line))
            reply = {"missing": True} if measured is None else {"measured": measured}
        except Exception as error:
            reply = {"failed": f"{type(error).__name__}: {error}"}
        send(reply)


try:
    asyncio.run(main())
except (ConnectionError, KeyboardInterrupt):
    pass
except Exception as error:
    send({"failed": f"{type(error).__name__}: {error}"})
