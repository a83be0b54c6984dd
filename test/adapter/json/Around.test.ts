/** Leniency under JSON: what stands around the object, and several of them. */
import { check, json, paris, qa, type Row, str } from "../support/leniency.ts"

const rows: ReadonlyArray<Row> = [
  json("a tag of thoughts in a value", { answer: str }, JSON.stringify({ answer: "</think>{\"answer\": \"no\"}" }), {
    answer: "</think>{\"answer\": \"no\"}"
  }),
  json("wrapped", qa, `{"output": {"answer": "Paris", "n": 3}}`, paris),
  json("wrapped as a tool call", qa, `{"name": "reply", "arguments": {"answer": "Paris", "n": 3}}`, paris),
  json("wrapped as its schema", qa, `{"type": "object", "properties": {"answer": "Paris", "n": 3}}`, paris),
  json("wrapped in a string", qa, `{"json": ${JSON.stringify(JSON.stringify(paris))}}`, paris),
  json("values that are wrapped", qa, `{"answer": {"value": "Paris"}, "n": {"type": "integer", "value": 3}}`, paris),
  json("a draft in a thought", { answer: str }, `Maybe {"answer": "London"}? No.\n</think>\n\n{"answer": "Paris"}`, {
    answer: "Paris"
  }),
  json("a draft in a thought, cut", { answer: str }, `Maybe {"answer": "Lon... no.\n</think>\n\n{"answer": "Paris"}`, {
    answer: "Paris"
  }),
  ...["</thinking>", "</Reasoning>", "<|end_of_thought|>", "<channel|>", "<unused95>", "<|channel|>final<|message|>"]
    .map((tag) =>
      json(
        `a draft before ${tag}, cut`,
        { answer: str },
        `Maybe {"answer": "Lon... no.\n${tag}\n\n{"answer": "Paris"}`,
        {
          answer: "Paris"
        }
      )
    ),
  json(
    "an object and a corrected one",
    qa,
    `{"answer": "Rome", "n": 2}\nNo, wait:\n{"answer": "Paris", "n": 3}`,
    paris
  ),
  json("several wrappings", qa, `{"a": {"answer": "Rome", "n": 2}, "b": {"answer": "Paris", "n": 3}}`),
  json("a list of replies", qa, `[{"answer": "Paris", "n": 3}, {"answer": "Rome", "n": 2}]`),
  json("a list of one reply", qa, `[{"answer": "Paris", "n": 3}]`, paris),
  json("another reply behind a comma", { answer: str }, `{"answer": "Paris"}, {"answer": "Rome"}`),
  json("a choice of replies", { answer: str }, `{"answer": "Paris"}\nor\n{"answer": "Rome"}`),
  json("an example behind the reply", { answer: str }, `{"answer": "Paris"}\nFor example:\n{"answer": "Rome"}`),
  json("a schema behind the reply", { answer: str }, `{"answer": "Paris"}\n(The schema is {"answer": "string"})`),
  json("an example before the reply", { answer: str }, `{"answer": "..."} is the format.\n\n{"answer": "Paris"}`, {
    answer: "Paris"
  }),
  json("wrapped in a list of one", qa, `{"results": [{"answer": "Paris", "n": 3}]}`, paris),
  json(
    "wrapped as a list of tool calls",
    qa,
    `{"tool_calls": [{"name": "reply", "arguments": {"answer": "Paris", "n": 3}}]}`,
    paris
  ),
  json("wrapped in a list of several", qa, `{"results": [{"answer": "Paris", "n": 3}, {"answer": "Rome", "n": 9}]}`),
  json("sections behind the object", qa, `{"answer": "Rome", "n": 9}\n\n[[ ## answer ## ]]\nParis\n\n[[ ## n ## ]]\n3`),
  json("elements behind the object", qa, `{"answer": "Rome", "n": 9}\n<answer>Paris</answer>\n<n>3</n>`),
  json(
    "a marker that is mentioned behind the object",
    qa,
    `{"answer": "Paris", "n": 3}\n(No [[ ## answer ## ]] here.)`,
    paris
  )
]

check(rows)
