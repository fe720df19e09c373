/**
 * The pages of the package's entry points, which TypeDoc makes from the sources.
 *
 * @module
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application, Comment, Converter, ReflectionGroup, ReflectionKind } from "typedoc";
import { pageOf, tableOf } from "./markdown.mjs";

/** Entry points with the same declarations as another one. */
const SAME_AS = { "rollcall/inline": "rollcall", "rollcall/memory/inline": "rollcall/memory" };

/** The groups of a page, in order, by the kinds of declarations in them. */
const GROUPS = [
  ["Functions", [ReflectionKind.Function]],
  ["Classes", [ReflectionKind.Class]],
  ["Constants", [ReflectionKind.Variable]],
  ["Types", [ReflectionKind.Interface, ReflectionKind.TypeAlias]],
];

/** A priority below those of TypeDoc's own listeners. */
const AFTER_TYPEDOC = -10_000;

/**
 * @typedef {object} EntryPage
 * @property {string} entry what a program imports, such as `rollcall/sql`
 * @property {string} file the name of the page
 * @property {string} text
 * @property {string} summary one paragraph
 * @property {string[]} values the names of functions and classes
 * @property {string} [sameAs] the entry point whose page documents this one too
 */

/**
 * @param {string} root the root of the repository
 * @returns {Promise<EntryPage[]>}
 */
export async function typescriptPages(root) {
  const template = join(root, "pkg-template");
  const { exports } = JSON.parse(await readFile(join(template, "package.json"), "utf8"));
  const entries = Object.entries(exports)
    .filter(([, { types }]) => types?.endsWith(".d.ts") && !types.startsWith("./entry/"))
    .map(([path, { types }]) => ({
      entry: path.replace(".", "rollcall"),
      source: join(template, "src", types.replace(/\.d\.ts$/, ".ts")),
    }));
  const own = entries.filter(({ entry }) => !(entry in SAME_AS));
  const app = await Application.bootstrapWithPlugins(optionsFor(template, own));
  let reexports = new Map();
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      reexports = arrange(project, own);
    },
    AFTER_TYPEDOC,
  );
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the sources");
  app.validate(project);
  const folder = await mkdtemp(join(tmpdir(), "rollcall-api-"));
  try {
    await app.outputs.writeOutput({ name: "markdown", path: folder }, project);
    if (app.logger.hasErrors() || app.logger.hasWarnings()) {
      throw new Error("TypeDoc reported problems in the doc comments");
    }
    const written = new Set(await readdir(folder));
    return await Promise.all(
      entries.map(async ({ entry }) => {
        const sameAs = SAME_AS[entry];
        const module = project.children.find(({ name }) => name === nameOf(sameAs ?? entry));
        const file = `${module.name}.md`;
        if (!written.has(file)) throw new Error(`TypeDoc wrote no page for ${entry}`);
        return {
          entry,
          file,
          sameAs,
          summary: summaryOf(module),
          values: module.groups
            .filter(({ title }) => title === "Functions" || title === "Classes")
            .flatMap(({ children }) => children.map(({ name }) => name)),
          text: pageOf(
            await readFile(join(folder, file), "utf8"),
            entry,
            reexports.get(module.name),
          ),
        };
      }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The first paragraph about a module, without the path of its guide, which its page has. */
function summaryOf({ comment }) {
  const [paragraph] = Comment.combineDisplayParts(comment?.summary).split("\n\n");
  return paragraph.replaceAll("\n", " ").replace(/ The guide[^.]* is `docs\/.*$/, "");
}

/** The name of a page, such as `memory-slim` for `rollcall/memory/slim`. */
function nameOf(entry) {
  return entry.replace("rollcall/", "").replaceAll("/", "-");
}

function optionsFor(template, entries) {
  return {
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: entries.map(({ source }) => source),
    tsconfig: join(template, "tsconfig.json"),
    // The build has checked the types.
    skipErrorChecking: true,
    logLevel: "Warn",
    readme: "none",
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    disableGit: true,
    sort: ["source-order"],
    // Names of other packages, and the types behind the answers of the admin API.
    validation: { notExported: false, invalidLink: true, invalidPath: true },
    router: "module",
    entryFileName: "README",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    expandParameters: false,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    classPropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    typeDeclarationFormat: "table",
    propertyMembersFormat: "table",
    tableColumnSettings: {
      hideDefaults: true,
      hideInherited: true,
      hideModifiers: true,
      hideOverrides: true,
      hideSources: true,
    },
  };
}

/**
 * Names the modules like their pages, orders their declarations, and removes those that another
 * page documents.
 *
 * @returns {Map<string, import("./markdown.mjs").Reexports[]>} the removed ones, by module
 */
function arrange(project, entries) {
  const reexports = new Map();
  for (const module of project.children) {
    const { entry } = entries.find(({ source }) => source.endsWith(`/src/${module.name}.ts`));
    module.name = nameOf(entry);
  }
  for (const module of project.children) {
    reexports.set(module.name, takeReexports(project, module));
    module.groups = GROUPS.map(([title, kinds]) => {
      const group = new ReflectionGroup(title, module);
      group.children = module.children
        .filter(({ kind }) => kinds.includes(kind))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return group;
    }).filter(({ children }) => children.length > 0);
    // TypeDoc numbers the anchors in this order.
    module.children = module.groups.flatMap(({ children }) => children);
  }
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.kindOf?.(ReflectionKind.Interface)) {
      removeInherited(project, reflection);
      moveExamples(reflection);
    }
    removeRepeatedComments(reflection.signatures);
    describeMembers(reflection);
  }
  return reexports;
}

/** Removes the declarations of other modules and returns links to them. */
function takeReexports(project, module) {
  const byModule = new Map();
  for (const reference of module.children.filter(({ kind }) => kind === ReflectionKind.Reference)) {
    const { parent } = reference.getTargetReflectionDeep();
    byModule.set(parent, [...(byModule.get(parent) ?? []), reference.name]);
    project.removeReflection(reference);
  }
  return [...byModule].map(([other, names]) => ({
    page: `${other.name}.md`,
    names: names.length === other.children.length ? undefined : names.sort(),
  }));
}

/** Removes members that the page of a documented parent has. */
function removeInherited(project, type) {
  for (const member of [...(type.children ?? [])]) {
    const declarations = [member, ...(member.signatures ?? [])];
    const isDocumented = declarations.some(({ inheritedFrom }) => inheritedFrom?.reflection);
    if (isDocumented) project.removeReflection(member);
  }
  // TypeDoc made the groups before.
  for (const group of type.groups ?? []) {
    group.children = group.children.filter((member) => type.children?.includes(member));
  }
  type.groups = type.groups?.filter(({ children }) => children.length > 0);
}

/** Moves the examples of members to their type: a cell of a table has no room for code. */
function moveExamples(type) {
  for (const { comment } of type.children ?? []) {
    const examples = comment?.getTags("@example") ?? [];
    if (examples.length > 0) type.comment.blockTags.push(...examples);
    comment?.removeTags("@example");
  }
}

/** TypeDoc copies the comment of the first overload to the others. */
function removeRepeatedComments(signatures = []) {
  for (const signature of signatures.slice(1)) delete signature.comment;
}

/** Puts the comments of the members of a union into a table. */
function describeMembers({ comment, type }) {
  if (comment === undefined || type?.elementSummaries === undefined) return;
  const rows = type.types.map((member, index) => [
    `\`${formatted(member)}\``,
    Comment.combineDisplayParts(type.elementSummaries[index]).replaceAll("\n", " "),
  ]);
  comment.summary.push({ kind: "text", text: `\n\n${tableOf(["Value", "Description"], rows)}` });
  delete type.elementSummaries;
}

function formatted(type) {
  if (type.declaration?.children === undefined) return type.toString();
  const members = type.declaration.children.map(
    ({ name, flags, type }) => `${name}${flags.isOptional ? "?" : ""}: ${type}`,
  );
  return `{ ${members.join("; ")} }`;
}
