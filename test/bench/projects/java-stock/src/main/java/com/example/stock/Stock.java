package com.example.stock;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** How much there is of each article. Safe for concurrent use. */
public final class Stock {
    private final Map<String, Integer> levels = new ConcurrentHashMap<>();

    /** Adds to the level of an article, or takes from it. Returns the new level. */
    public int change(String article, int amount) {
        return levels.merge(article, amount, (before, change) -> {
            var after = Math.addExact(before, change);
            if (after < 0) throw new IllegalArgumentException("There are only " + before + " of " + article);
            return after;
        });
    }

    public int level(String article) {
        return levels.getOrDefault(article, 0);
    }

    /** All levels as JSON, by name. */
    public String json() {
        var text = new StringBuilder("{");
        new TreeMap<>(levels).forEach((article, level) -> {
            if (text.length() > 1) text.append(',');
            text.append('"').append(article.replace("\\", "\\\\").replace("\"", "\\\"")).append("\":").append(level);
        });
        return text.append('}').toString();
    }
}
