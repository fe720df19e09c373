// The stores on one Redis server, with ioredis.
import { after } from "node:test";
import { Redis } from "ioredis";
import { startRedis } from "../servers/redis.mjs";
import { available, testKit } from "./redis-cases.mjs";

const server = await available("the Redis stores with ioredis", startRedis);
if (server !== undefined) {
  const client = new Redis(server.url, { maxRetriesPerRequest: 0 });
  after(async () => {
    await client.quit();
    await server.stop();
  });
  await testKit("Redis with ioredis", client, 1);
}
