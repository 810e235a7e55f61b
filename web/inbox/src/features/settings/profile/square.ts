/** Points of a picture's side: sharp where it is drawn largest, also on a dense screen. */
export const SIDE = 256;
/** Bytes of a file that is tried at all: a browser would hold all its points in memory. */
export const FILE_MAX = 30_000_000;
/** Of JPEG, between 0 and 1: a face of this size has some 20 kB. */
const QUALITY = 0.88;

/** Which part of a picture becomes the square: the middle of it, of the largest that fits. In points. */
export function middle(width: number, height: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/** A picture as the server wants one. Null: the browser can't read it. */
export async function squareOf(file: File): Promise<File | null> {
  if (file.size > FILE_MAX) return null;
  // turned as the camera says
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (image === null) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d");
  const { x, y, side } = middle(image.width, image.height);
  if (pen === null || side === 0) return null;
  // where it is transparent; JPEG would make it black
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, x, y, side, side, 0, 0, SIDE, SIDE);
  image.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob && new File([blob], "picture.jpg", { type: blob.type });
}
