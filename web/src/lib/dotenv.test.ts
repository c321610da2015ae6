import { describe, expect, it } from "vitest";
import { parseDotenv } from "./dotenv";

const values = (text: string) =>
  Object.fromEntries(parseDotenv(text).entries.map((each) => [each.name, each.value]));

describe("a pasted .env", () => {
  it("is read with comments, export and blank lines", () => {
    expect(values("# top\n\nexport A=1\nB = two # why\n")).toEqual({ A: "1", B: "two" });
  });

  it("keeps quotes' insides as they are, over lines too", () => {
    expect(values("A=\"one\\ntwo\"\nB='a\nb'\nC=`#no comment`")).toEqual({
      A: "one\ntwo",
      B: "a\nb",
      C: "#no comment",
    });
  });

  it("lets the later line of a name win", () => {
    expect(values("A=1\nA=2")).toEqual({ A: "2" });
  });

  it("reports what makes no sense by its line, and guesses nothing", () => {
    const read = parseDotenv('good=1\nnot a variable\n1BAD=x\nOPEN="never closed');
    expect(read.entries).toEqual([{ name: "good", value: "1" }]);
    expect(read.mistakes.map((each) => each.line)).toEqual([2, 3, 4]);
  });
});
