/** The repository of the image that lessons of the page start containers from; its tag is `latest`. */
export const BASE_IMAGE = "varve/busybox";
