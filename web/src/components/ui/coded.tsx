/** A sentence with its commands between backticks set as code. */
export function Coded({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one unchanging sentence have no other name
      <code key={index} className="mono">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
