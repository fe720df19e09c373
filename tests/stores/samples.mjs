// What the tests of the stores put into them: the samples of the conformance kit.
export {
  createAll,
  fullSession,
  grant,
  keysOf,
  notification,
  session,
} from "../../pkg/testing/samples.js";
