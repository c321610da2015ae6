export const dynamic = "force-dynamic";

export default function Page() {
  return <p>{`served by Next.js with Node ${process.version.split(".")[0]}`}</p>;
}
