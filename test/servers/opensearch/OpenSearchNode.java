import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** One OpenSearch node on loopback. Arguments: data folder, HTTP port, then any setting as name=value. */
public final class OpenSearchNode extends Node {
  private static final Map<String, String> MODULES = Map.of(
      "transport-netty4", "transport.Netty4ModulePlugin",
      "reindex", "index.reindex.ReindexModulePlugin",
      "lang-painless", "painless.PainlessModulePlugin",
      "mapper-extras", "index.mapper.MapperExtrasModulePlugin");

  private OpenSearchNode(Settings settings, Path home) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> "test"),
        MODULES.entrySet().stream()
            .map(module -> new PluginInfo(module.getKey(), "", "-", Version.CURRENT, "21",
                "org.opensearch." + module.getValue(), List.of(), false))
            .toList(),
        true);
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    Settings.Builder settings = Settings.builder()
        .put("path.home", home.toString())
        .put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1")
        .put("http.port", args[1])
        .put("transport.port", "0")
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .put("action.auto_create_index", false);
    for (String arg : Arrays.asList(args).subList(2, args.length)) {
      String[] setting = arg.split("=", 2);
      settings.put(setting[0], setting[1]);
    }
    Node node = new OpenSearchNode(settings.build(), home).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (Exception e) {
        e.printStackTrace();
      }
    }));
    Thread.currentThread().join();
  }
}
