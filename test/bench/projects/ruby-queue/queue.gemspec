Gem::Specification.new do |gem|
  gem.name = "queue"
  gem.version = "1.1.0"
  gem.summary = "A job queue over HTTP"
  gem.authors = ["The queue team"]
  gem.license = "MIT"
  gem.homepage = "https://example.com/queue"
  gem.files = Dir["lib/**/*.rb"]
  gem.executables = ["queue"]
  gem.required_ruby_version = ">= 3.1"
end
