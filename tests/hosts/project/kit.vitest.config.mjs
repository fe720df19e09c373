export default { test: { include: ["kit.vitest.mjs"], testTimeout: 60_000 } };
