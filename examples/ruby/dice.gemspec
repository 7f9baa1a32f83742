Gem::Specification.new do |gem|
  gem.name = "dice"
  gem.version = "1.0.0"
  gem.summary = "Throws dice over HTTP"
  gem.authors = ["varve"]
  gem.files = ["lib/dice.rb"]
  gem.bindir = "bin"
  gem.executables = ["dice"]
end
