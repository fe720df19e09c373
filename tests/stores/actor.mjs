// A process with its own stores that performs the calls it receives: node actor.mjs ENGINE PLACE. A
// message is a list of calls, each made after a short random pause. The answer is their results.
import { openActor } from "./actors.mjs";

const [name, place] = process.argv.slice(2);
const { perform, close } = await openActor(name, place);
process.on("message", async ({ id, call }) => {
  try {
    process.send({ id, result: await perform(call) });
  } catch (error) {
    process.send({ id, error: `${error.code} ${error.message} ${error.cause?.message ?? ""}` });
  }
});
process.once("disconnect", close);
process.send({ isReady: true });
