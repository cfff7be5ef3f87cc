// What the page needs of noble, and nothing else.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

/** RFC 8032 as it stands: no points that other libraries refuse (`zip215: false`). */
const verifyEd25519 = (signature, message, key) => ed25519.verify(signature, message, key, { zip215: false });
/** FIPS 204, ML-DSA.Verify with an empty context. */
const verifyMlDsa44 = (signature, message, key) => ml_dsa44.verify(signature, message, key);

export { sha256, verifyEd25519, verifyMlDsa44 };
