/** What a model and the web said in each example, recorded for `--scripted`: one entry for each request to the model, in their order. */
import type { Duration } from "effect"
import { ScriptedLM } from "effect-lm/testing"

/** Fields of an answer, a text, or calls of tools with the thought before them. */
type Said =
  | string
  | { readonly thought: string; readonly calls: ReadonlyArray<ScriptedLM.ScriptedToolCall> }
  | { readonly fields: Readonly<Record<string, unknown>> }

const recorded: Readonly<Record<string, ReadonlyArray<Said>>> = {
  "async-tools": [],
  "basic-streaming": [{
    fields: {
      reasoning:
        "Black holes are best explained by gravity that grows until light cannot leave, then by where they come from.",
      answer:
        "A black hole is a place where so much matter is packed into so little room that gravity lets nothing out, not " +
        "even light. Most of them are what is left of a heavy star: its fuel is spent, nothing holds it up any longer, and it " +
        "falls into itself. What comes too close to the edge, the event horizon, can only fall further in."
    }
  }],
  "concurrent-calls": [
    { fields: { answer: "299,792,458 metres per second, in a vacuum." } },
    { fields: { answer: "William Shakespeare, around the year 1600." } },
    { fields: { answer: "The Pacific Ocean." } }
  ],
  conversation: [
    {
      fields: {
        answer:
          "Good to meet you, Ada. Late spring is a good time to begin with bees: April or May, when there is much in flower."
      }
    },
    { fields: { answer: "You keep bees." } },
    { fields: { answer: "Your name is Ada." } }
  ],
  "custom-modules": [
    { fields: { sentiment: "positive", topics: "types, language models, programming" } },
    { fields: { summary: "Types make it a pleasure to program with language models." } }
  ],
  "duplicate-field-names": [
    { fields: { answer: "Because air scatters blue light more than red." } },
    {
      fields: {
        answer:
          "Sunlight holds all colours. The molecules of the air scatter the short, blue waves far more than the long, red " +
          "ones, so blue reaches us from every direction of the sky."
      }
    }
  ],
  "multiple-fields": [{
    fields: {
      title: "Why the Sea Rises and Falls",
      summary: "The gravity of the Moon and the Sun pulls at the oceans, and the sea level rises and falls with it.",
      keywords: "tides, gravity, Moon, Sun, sea level"
    }
  }],
  pictures: [
    { fields: { answer: "Red." } },
    { thought: "I look at what the camera sees.", calls: [{ name: "camera", arguments: {} }] },
    "It is red.",
    { fields: { reasoning: "The picture is red all over.", answer: "Red, all over." } }
  ],
  "putting-it-all-together": [
    {
      fields: {
        reasoning: "What stands between today's machines and useful ones: errors, scale, and what to run on them.",
        key_points: [
          "qubits lose their state",
          "correcting errors takes many qubits",
          "few algorithms are known to gain"
        ]
      }
    },
    {
      fields: {
        reasoning:
          "The points build on each other: noise asks for correction, correction for scale, and scale for a purpose.",
        answer:
          "Quantum computers are held back by noise: a qubit keeps its state for a fraction of a second. Errors can be " +
          "corrected, but one reliable qubit takes hundreds of real ones, so machines have to grow. And they pay only where an " +
          "algorithm gains from them, of which few are known."
      }
    }
  ],
  "react-with-async": [
    {
      thought: "I should look up how many people live in Tokyo.",
      calls: [{ name: "search_web", arguments: { query: "population of Tokyo" } }]
    },
    "The search has no number, but I know it.",
    {
      fields: {
        reasoning: "The search only repeated the question; the number is from what I know.",
        answer: "About 14 million people live in the city of Tokyo, and 37 million in and around it."
      }
    }
  ],
  "status-messages": [{
    fields: {
      reasoning: "Tides follow the Moon, and to a lesser degree the Sun.",
      answer:
        "The gravity of the Moon, and less so of the Sun, pulls the water of the oceans into two bulges; as the Earth turns " +
        "under them, each coast has two high tides and two low ones a day."
    }
  }],
  "streaming-in-react-loops": [
    {
      thought: "A leap year has 366 days of 24 hours, of 60 minutes, of 60 seconds.",
      calls: [{ name: "calculator", arguments: { expression: "366 * 24 * 60 * 60" } }]
    },
    "That is all I need.",
    {
      fields: {
        reasoning: "The calculator has multiplied days, hours, minutes and seconds.",
        answer: "A leap year has 31,622,400 seconds."
      }
    }
  ],
  "sync-to-async-conversion": [
    { thought: "The calculator knows.", calls: [{ name: "calculator", arguments: { expression: "15 * 23 + 42" } }] },
    "I have the result.",
    { fields: { reasoning: "The calculator says 387.", answer: "15 * 23 + 42 is 387." } }
  ],
  "synchronous-streaming": [
    {
      fields: {
        reasoning: "Begin with what everybody knows, that things fall, and end with why.",
        answer:
          "Gravity is why things fall: everything that has mass pulls at everything else. The Earth is heavy, so it pulls " +
          "you to the ground, and it keeps the Moon on its path in the same way."
      }
    },
    {
      fields: {
        reasoning: "One sentence is asked for.",
        answer: "Gravity is the pull of everything that has mass on everything else."
      }
    }
  ],
  "the-basics": [{ fields: { answer: "Paris" } }]
}

const web: Readonly<Record<string, string>> = { "async-tools": "Paris: 🌦 +14°C\n" }

/** A `fetch` that gives what the web answered in an example, and reaches nothing. */
export const fetchFor = (example: string): typeof fetch => () => {
  const text = web[example]
  return text === undefined
    ? Promise.reject(new TypeError("nothing is recorded of the web"))
    : Promise.resolve(new Response(text))
}

/** Whether an example asks a model at all. */
export const asksModel = (example: string): boolean => recorded[example]?.length !== 0

/** A script of what was said in an example: in pieces of a few characters, after this wait each. */
export const script = (example: string, delay: Duration.Input): ReadonlyArray<ScriptedLM.Reply> =>
  (recorded[example] ?? []).map((said) => {
    const pace = { tokens: true, delay }
    if (typeof said === "string") return ScriptedLM.text(said, pace)
    return "calls" in said
      ? ScriptedLM.toolCalls(said.calls, { text: said.thought, ...pace })
      : ScriptedLM.chat(said.fields, pace)
  })

/** A model that says what was recorded, about as fast as a hosted one. */
export const layer = (example: string) => ScriptedLM.layer(script(example, "15 millis"), { model: "scripted" })
