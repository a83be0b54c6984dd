/** The grammar of types and the parser are one grammar: on random signatures, right and wrong, they agree to the word. A quarter of a minute. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import * as Random from "../support/random.ts"
import { check, header } from "./signatureCompiler.ts"
import * as Specs from "./support/specs.ts"
import * as Spellings from "./support/spellings.ts"
import { signatureText } from "./support/typeText.ts"

/** What the compiler cannot know: which texts are days, which numbers are whole, and the letters of other scripts. */
const atRunTime =
  /^the default is not of|^a field name begins with a letter or '_', unlike '[^0-9.]|^a field name has only .*[^ -~]|look the same|NFC/

const verdict = (text: string): string =>
  Result.match(Signature.parse(text), {
    onSuccess: signatureText,
    onFailure: (error) => `Signature.ParseError<${JSON.stringify(error.reason)}>`
  })

const agree = (texts: ReadonlyArray<string>) => {
  const unique = [...new Set(texts)]
  const source = [
    header,
    "type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false",
    "declare const same: <_ extends true>() => void",
    ...unique.map((text) => {
      const parsed = `Signature.Parse<${JSON.stringify(text)}>`
      const failure = Result.getOrUndefined(Result.flip(Signature.parse(text)))
      return failure !== undefined && atRunTime.test(failure.reason)
        ? `same<${parsed} extends Signature.Any | Signature.ParseError<string> ? true : false>()`
        : `same<Equal<${parsed}, ${verdict(text)}>>()`
    })
  ].join("\n")
  const { errors } = check(source)
  const lines = source.split("\n")
  const shown = errors.map((error) => `${error}\n  ${lines[Number(/generated\.ts\((\d+)/.exec(error)?.[1]) - 1]}`)
  assert.deepStrictEqual(shown, [])
  return unique
}

// The compiler is another process, which a busy machine may keep waiting.
describe("the compiler and the parser", { timeout: 60_000 }, () => {
  it("read random signatures to the same schemas", () => {
    const random = Random.random(1)
    const texts = agree(
      Array.from({ length: 300 }, () => Spellings.printSpec(Specs.randomSpec(random), Spellings.mixed(random)))
    )
    assert.isAbove(texts.length, 250)
    assert.isTrue(texts.every((text) => Result.isSuccess(Signature.parse(text))))
  })

  it("find the same fault in random texts", () => {
    const random = Random.random(2)
    const texts = agree(Array.from({ length: 400 }, () => {
      const text = Spellings.printSpec(Specs.randomSpec(random), Spellings.mixed(random))
      return Spellings.mutate(text, random)
    }))
    const reasons = new Set(texts.flatMap((text) =>
      Result.match(Signature.parse(text), {
        onSuccess: () => [],
        onFailure: (error) => [error.reason.replace(/'[^']*'/g, "...")]
      })
    ))
    assert.isAbove(reasons.size, 10)
  })

  it("find the same fault in what was thought of", () => {
    const names = "__proto__;_tag;constructor;prototype;then;toJSON;toString;valueOf;hasOwnProperty".split(";")
    const types = (
      "; ;->;|;str |;| str;();(str;str);'x' 'y';'';-;-1;-0;- 1;0x1;1e3;.5;Infinity;NaN;-Infinity;99999999999999999999;" +
      "9007199254740993;list[;list];list<str>;str[int];dict[str];dict[str, int, int];dict[str | None, int];" +
      "Record<'x', str>;Record<string number>;Array;Optional[None];Optional[str, int];Union[];Union[str];Literal[];" +
      "History;History[];(History);History | None;str | History;list[History];Optional[History];History2;history;" +
      "set;set[];set[str, int];tuple;tuple[];tuple[str, ...];tuple[str,...];tuple[...];tuple[str, int, ...];list[str, ...];tuple[(), str];" +
      "[];[str];[str, int][];[...str];{a str};{a: str};{a: str,};{a: str,,};{};{,};{a: };{a: str b: int};{a: str} | {b: int};" +
      "{'a b': str};{\"a\"?: int, a: str};{__proto__: str};{readonly: str};{readonly a?: str};{readonly readonly: str};{a:: str};" +
      "readonly str[];datetime;datetime.datetime;datetime.date;datetime.time;typing.List[int];dspy.History;typing.dspy.Any;dspy.;" +
      "Set<Date>;frozenset[date];integer;object;undefined;...;" +
      "str = 'a';str='a, b';str = a;int = 3;int = -1;int = 3.0;int = '3';int =;int = 3 = 4;list[str] = [];list[str] = ['a', 'b'];" +
      "list[str] = ['a',];list = [1, 'a', None, {}];dict = {};dict[str, int] = {'a': 1, b: 2};dict = {a};dict = {a: 1,};" +
      "{a: int, b?: str} = {a: 1};{a: int} = {b: 1};'a' | 'b' = 'b';'a' | 'b' = 'c';Optional[str] = None;str = None;" +
      "bool = True;bool = true;bool = 1;set[str] = ['a'];tuple[int, str] = [1, 'a'];tuple[int, str] = [1];Any = {'a': [1]};" +
      "datetime = '2026-01-02';str = list();str = -;str = ->;(str = 'a');str = 'a' | int;" +
      "Literal[None];Literal[str];Code;Code[];Code [] [];Code['py'];Code<'py'>[];Code['a', 'b'];Code['a' | None];Code[1];Code[str];Code<>;" +
      "dspy.Code[\"sql\"] | None;Code = 'x';Reasoning;Reasoning[];Reasoning['a'];Document;list[dspy.Document];Citations;Citations | None;Citations = [];Citation;Tool;list[dspy.Tool];Tool | None;ToolCalls;dspy.ToolCalls;ToolCalls = [];ToolCall;" +
      "dict [];str?;str:;str str;\u00a0str;\u00e9;\ud83d\ude00;a.b;True;None;list;dict[str, dict]"
    ).split(";")
    const texts = (
      "; ;->;a;a ->;-> a;-> -> a;a, -> b;, a -> b;a -> b,;a b -> c;a? -> b;a?? -> b;1a -> b;a.b -> c;.a -> b;_ -> __;" +
      "h: History, q -> a;q, h ? : History -> a;h: History, i: History -> a;h: History -> h;h: History, h: History -> a;" +
      "-> h: dspy.History;q, h: dspy.History -> a;h: History = 1 -> a;a = 'x' -> b;a = 'x: y' -> b;a ?= 'x' -> b;a? = 1 -> b;" +
      "a?: int = 3 -> b;a?: int = 'x' -> b;a = -> b;a = 3 -> b;a = 'x', b = \"y\" -> c;a -> b = 'x', c: int = 2;" +
      "вопрос -> 答え;вопрос.x -> a;é -> b;a→b;a，b -> c;a -> ’b’;a\u00a0-> b;a: {é: str} -> b;a: é -> b;" +
      "-> h: History;a: History b;a -> a;a, a: strng -> b;a, b, a -> c;a: str? -> b;a\u00e9 -> b;\ud83d\ude00 -> b"
    ).split(";")
    agree([
      ...texts,
      ...names.flatMap((name) => [`${name} -> a`, `a -> b, ${name}?: int`]),
      ...types.flatMap((type) => [`a -> b: ${type}`, `a: ${type}, b -> c`])
    ])
  })
})
