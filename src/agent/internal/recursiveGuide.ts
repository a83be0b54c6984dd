/**
 * What a recursive language model is told of its work: where its inputs are, and what its code can use.
 */
import type * as Signature from "../../signature/Signature.ts"

/** Said before the tools, in words, where there are some. */
export const ofTools = "There are these functions, too. Each takes one object, and gives a promise: await it."

/** How to work towards the outputs of the signature, with so many prompts. */
export const guideOf = (signature: Signature.Any, maxLLMCalls: number): string => {
  const outputs = signature.outputFields.map(({ constraints, description, name, type }) =>
    `- ${name}: ${type}${description === undefined ? "" : `, ${description}`}${
      constraints.length === 0 ? "" : ` (${constraints.join("; ")})`
    }`
  )
  const names = signature.outputFields.map(({ name }) => name).join(", ")
  return `The inputs are variables of a JavaScript session, too long to be read as a whole: read them by code. You work in turns. In \
each you write what you think, and JavaScript, which is run; then you are told what it printed with \`console.log\`, and the value of \
its last line. Long output is cut. Variables and functions stay for later turns. \`await\` works everywhere. There are no modules, no \
files, no network and no timers, but there are these functions:

- \`await llmQuery(prompt)\` asks a language model, and gives its answer as a text. It sees nothing but the prompt, which may have some \
hundred thousand characters: put what it has to read into it.
- \`await llmQueryBatched(prompts)\` asks many prompts at the same time, and gives the answers in their order; "[ERROR] ..." stands \
where one failed.
- \`submit({ ${names} })\` gives the outputs, and ends the work at once.

At most ${maxLLMCalls} prompts may be asked. The outputs:
${outputs.join("\n")}

1. Look first: print samples, lengths and the structure before you process anything.
2. Take small steps, and look at what each gave before the next.
3. Search by code to find where something stands; ask \`llmQuery\` for what it means.
4. Hand on long or exact values in variables, and do not write them again.
5. Where a result is empty or unlikely, check it before you go on.
6. Submit in a turn of its own, after you have seen the results.`
}
