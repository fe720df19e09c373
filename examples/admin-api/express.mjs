// @ts-check
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { api, port } from "./admin.mjs";

const admin = getRequestListener((request) => api(request), { overrideGlobalObjects: false });

const app = express();
app.use("/admin", admin); // before the body parser, because the API reads the body itself
app.use(express.json());
app.post("/echo", (req, res) => res.json(req.body));

const server = app.listen(port, "127.0.0.1", () => console.log("listening on", server.address()));
