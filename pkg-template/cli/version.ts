declare const __VERSION__: string;

/** The version of the package. The build fills it in. */
export const VERSION: string = __VERSION__;
