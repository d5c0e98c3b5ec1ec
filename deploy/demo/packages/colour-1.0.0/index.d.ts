/** The three channels, 0 to 255, of "#rgb" or "#rrggbb". */
export function parse(colour: string): [number, number, number];
/** Relative luminance, 0 (black) to 1 (white). */
export function luminance(colour: string): number;
/** Contrast ratio, 1 to 21. Text needs 4.5, large text and controls need 3. */
export function contrast(one: string, other: string): number;
/** Of the candidates, the one that stands out most from the ground. */
export function readableOn(ground: string, candidates?: string[]): string;
