import "./layers-tab.css";
import type { ImageInspection } from "../../../../schemas/images.ts";
import { fetchEfficiency, type ImageAt, imagePath } from "../../images/image-service.ts";
import { query, setQuery } from "../../router.ts";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { FileView } from "./file-view.tsx";
import { ImageFileTree } from "./image-file-tree.tsx";
import { LayerList } from "./layer-list.tsx";
import { useFiles } from "./use-files.ts";
import { Waste } from "./waste.tsx";

/** The layers, the files of one layer or of all layers, and the selected file. */
export function LayersTab({ image, inspection }: { image: ImageAt; inspection: ImageInspection }) {
  const measured = useLoad(imagePath(image), () => fetchEfficiency(image));
  const requested = query.value.get("layer");
  const layer =
    requested !== null && inspection.layers[Number(requested)] !== undefined ? Number(requested) : undefined;
  const path = query.value.get("path") ?? undefined;
  const files = useFiles(image, layer);
  const entry = path === undefined ? undefined : files?.tree.entries.find((one) => one.path === path);
  return (
    <div class="layers-tab">
      <div class="layers-side">
        <LayerList
          inspection={inspection}
          measured={measured.state === "loaded" ? measured.value.layers : undefined}
          chosen={layer}
          onChoose={(index) =>
            setQuery({ layer: index === undefined ? undefined : String(index), path: undefined })
          }
        />
        <ImageFileTree
          key={`${layer}`}
          files={files}
          layer={layer}
          chosen={path}
          onChoose={(chosen) => setQuery({ path: chosen })}
        />
      </div>
      <FileView image={image} entry={entry} />
      <Loaded data={measured}>{(known) => <Waste efficiency={known} />}</Loaded>
    </div>
  );
}
