import { describe, expect, it } from "vitest";
import { argvOf, lineOf, OpenQuotation } from "./command";

describe("a typed command", () => {
  it.each([
    ["python app.py", ["python", "app.py"]],
    [`node 'my server.js' --name="a \\"b"`, ["node", "my server.js", '--name=a "b']],
    ["run a\\ b", ["run", "a b"]],
    ["run ''", ["run", ""]],
    ["serve --allow '*' \\$1", ["serve", "--allow", "*", "$1"]],
    ['say "a && b"', ["say", "a && b"]],
    ["   ", []],
  ])("is its words: %s", (line, argv) => {
    expect(argvOf(line)).toEqual(argv);
  });

  it.each([
    ["gunicorn app -b 0.0.0.0:$PORT", "exec gunicorn app -b 0.0.0.0:$PORT"],
    ["./migrate && ./serve", "./migrate && ./serve"],
    ['say "$HOME"', 'exec say "$HOME"'],
    ["MODE=fast ./serve", "MODE=fast ./serve"],
  ])("is given to a shell where only a shell understands it: %s", (line, script) => {
    expect(argvOf(line)).toEqual(["sh", "-c", script]);
  });

  it("is refused while a quotation is open", () => {
    expect(() => argvOf("echo 'oh")).toThrow(OpenQuotation);
    expect(() => argvOf('echo "oh')).toThrow(OpenQuotation);
  });

  it.each([
    [["node", "my server.js"]],
    [["a", "it's", ""]],
    [["uvicorn", "--forwarded-allow-ips", "*", "$PORT", "a\\b"]],
    [["sh", "-c", "exec uvicorn main:app --port $PORT"]],
    [["sh", "-c", "a && b"]],
    [["nginx", "-c", "/etc/nginx/site.conf"]],
  ])("is shown such that the same is started again: %j", (argv) => {
    expect(argvOf(lineOf(argv))).toEqual(argv);
  });
});
