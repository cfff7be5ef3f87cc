// What the page needs of jsQR, and nothing else.
import jsQR from "jsqr";

/** Reads the one QR code of a picture: RGBA bytes, width, height. Gives its text, or null. */
const readCode = (pixels, width, height) => {
  const found = jsQR(pixels, width, height, { inversionAttempts: "attemptBoth" });
  return found === null ? null : found.data;
};

export { readCode };
